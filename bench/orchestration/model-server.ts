/**
 * A process of its own: a server of the Messages API that answers at once with fixed words. What it answers with stands in the
 * path, so that it need not look into what may be long. Prints its URL, and ends with its input.
 *
 * - `/fixed`: words, and the plan to whoever asks for an answer in a shape
 * - `/turns/N/TOOL`: N times a call of the tool, then words
 * - `/held/TOOL`: when GET `/release` is asked for, a call of the tool; words to what comes with a result
 *
 * GET `/held` tells how many are held; `/sizes` the bytes of each request since it was last asked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { isJsonObject, type JsonObject, jsonText } from '../../src/json.ts';
import { type Answer, answerOf, type Said } from './answers.ts';
import { PLAN, WORDS } from './task.ts';

/** More connections at once than Node takes by itself. */
const BACKLOG = 4_096;

const made = new Map<string, Answer>();
const sizes: number[] = [];
let turns = 0;
let serial = 0;
let isHolding = true;
const held: (() => void)[] = [];

const server = createServer((request, response) => {
  if (request.method === 'GET') response.end(JSON.stringify(control(request.url)));
  else void answer(request, response);
});
// Contestants take turns: what one has open stays so until it is its turn again.
server.keepAliveTimeout = 0;
process.stdin.resume().once('end', () => process.exit());
server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

function control(path: string | undefined): unknown {
  switch (path) {
    case '/held':
      return held.length;
    case '/hold':
      isHolding = true;
      return null;
    case '/release':
      isHolding = false;
      for (const release of held.splice(0)) release();
      return null;
    default:
      return sizes.splice(0);
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, mode = '', ...about] = (request.url ?? '').split('/');
  const body = await buffer(request);
  sizes.push(body.length);
  const [first = '', second = ''] = about;
  switch (mode) {
    case 'turns':
      turns += 1;
      send(response, body, turns % (Number(first) + 1) === 0 ? SAID_WORDS : callOf(second, turns));
      return;
    case 'held':
      if (body.includes('"tool_result"')) send(response, body, SAID_WORDS);
      else if (isHolding) held.push(() => send(response, body, callOf(first, 1)));
      else send(response, body, callOf(first, 1));
      return;
    default:
      send(response, body, fixed(JSON.parse(body.toString()) as JsonObject));
  }
}

/** Who asks for a shape gives the schema of a tool, or of the answer itself. */
function fixed({ tools, output_config: output, output_format: format }: JsonObject): Said {
  const tool: unknown = Array.isArray(tools) ? tools.at(-1) : undefined;
  if (isJsonObject(tool)) return { type: 'tool', name: jsonText(tool['name']), input: PLAN };
  const isShaped = format !== undefined || (isJsonObject(output) && output['format'] !== undefined);
  return isShaped ? SAID_PLAN : SAID_WORDS;
}

function send(response: ServerResponse, request: Buffer, said: Said): void {
  const isStream = request.includes('"stream":true');
  const key = `${isStream} ${said.type === 'text' ? said.text : `${said.name} ${JSON.stringify(said.input)}`}`;
  const answer = made.get(key) ?? answerOf(said, isStream);
  made.set(key, answer);
  serial += 1;
  const body = answer.body(serial);
  response
    .writeHead(200, { 'content-type': answer.contentType, 'content-length': Buffer.byteLength(body) })
    .end(body);
}

/** Another call each time: an agent that asks for the same again and again would be stopped. */
function callOf(name: string, turn: number): Said {
  return { type: 'tool', name, input: { a: 40, b: turn % 10 } };
}

const SAID_WORDS: Said = { type: 'text', text: WORDS };
const SAID_PLAN: Said = { type: 'text', text: JSON.stringify(PLAN) };
