/**
 * A process of its own: a server of the Messages API that answers at once with fixed words. What it answers with stands in the
 * path, so that it need not look into what may be long. Prints its URL.
 *
 * - `/fixed`: words, and the plan to whoever asks for an answer in a shape
 * - `/turns/N/TOOL`: N times a call of the tool, then words
 * - `/held/N/TOOL`: as soon as N requests are open, a call of the tool to each; words to what comes with a result
 *
 * GET `/count` tells how many requests were answered since it was last asked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { isJsonObject, type JsonObject, jsonText } from '../../src/json.ts';
import { type Answer, answerOf, type Said } from './answers.ts';
import { PLAN, WORDS } from './task.ts';

const made = new Map<string, Answer>();
let answered = 0;
let turns = 0;
const held: (() => void)[] = [];

const server = createServer((request, response) => {
  if (request.url === '/count') {
    response.end(String(answered));
    answered = 0;
    return;
  }
  void answer(request, response);
});
// It ends with the bench.
process.stdin.resume().once('end', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, mode = '', count = '', tool = ''] = (request.url ?? '').split('/');
  const body = await buffer(request);
  answered += 1;
  switch (mode) {
    case 'turns':
      turns += 1;
      send(response, body, turns % (Number(count) + 1) === 0 ? SAID_WORDS : callOf(tool, turns));
      return;
    case 'held':
      if (body.includes('"tool_result"')) send(response, body, SAID_WORDS);
      else hold(Number(count), () => send(response, body, callOf(tool, 1)));
      return;
    default:
      send(response, body, fixed(JSON.parse(body.toString()) as JsonObject));
  }
}

function hold(count: number, release: () => void): void {
  held.push(release);
  if (held.length < count) return;
  for (const one of held.splice(0)) one();
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
  const known = made.get(key) ?? answerOf(said, isStream);
  if (made.size < 1_000) made.set(key, known);
  const { contentType, body } = known;
  response.writeHead(200, { 'content-type': contentType, 'content-length': body.length }).end(body);
}

/** Another call each time: an agent that asks for the same again and again would be stopped. */
function callOf(name: string, turn: number): Said {
  return { type: 'tool', name, input: { a: 40, b: turn % 10 } };
}

const SAID_WORDS: Said = { type: 'text', text: WORDS };
const SAID_PLAN: Said = { type: 'text', text: JSON.stringify(PLAN) };
