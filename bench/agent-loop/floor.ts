/** The least that a turn can cost: `fetch`, a split of the event stream into lines, and JSON-RPC written by hand. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import type { JsonObject } from '../../src/json.ts';
import { measure } from './measure.ts';
import { INSTRUCTIONS, MODEL, REQUEST, TOOL_SERVER } from './task.ts';

const [modelUrl = ''] = process.argv.slice(2);

interface StreamEvent {
  readonly type: string;
  readonly content_block?: { readonly type: string; readonly id: string; readonly name: string };
  readonly delta?: { readonly text?: string; readonly partial_json?: string };
}

interface Answer {
  text: string;
  readonly calls: { readonly id: string; readonly name: string; json: string }[];
}

const server = spawn(TOOL_SERVER.command, TOOL_SERVER.args, { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = new Map<number, (result: JsonObject) => void>();
createInterface({ input: server.stdout }).on('line', (line) => {
  const message = JSON.parse(line) as { id: number; result: JsonObject };
  waiting.get(message.id)?.(message.result);
  waiting.delete(message.id);
});
let lastId = 0;

function request(method: string, params: object): Promise<JsonObject> {
  lastId += 1;
  const id = lastId;
  server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  return new Promise((resolve) => waiting.set(id, resolve));
}

async function generate(messages: readonly object[]): Promise<Answer> {
  const response = await fetch(`${modelUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'none', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: MODEL,
      max_tokens: 32_000,
      stream: true,
      system: INSTRUCTIONS,
      messages,
      tools,
    }),
  });
  if (!response.ok || response.body === null) throw new Error(`The model answered ${response.status}.`);
  const answer: Answer = { text: '', calls: [] };
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: ')) take(answer, JSON.parse(line.slice(6)));
  }
  return answer;
}

function take(answer: Answer, { type, content_block: block, delta }: StreamEvent): void {
  if (type === 'content_block_start' && block?.type === 'tool_use') {
    answer.calls.push({ id: block.id, name: block.name, json: '' });
  }
  if (type !== 'content_block_delta') return;
  answer.text += delta?.text ?? '';
  const call = answer.calls.at(-1);
  if (call && delta?.partial_json !== undefined) call.json += delta.partial_json;
}

async function run(): Promise<string> {
  const messages: object[] = [{ role: 'user', content: REQUEST }];
  for (;;) {
    const { text, calls } = await generate(messages);
    if (calls.length === 0) return text;
    const uses = calls.map(({ id, name, json }) => ({ type: 'tool_use', id, name, input: JSON.parse(json) }));
    messages.push({ role: 'assistant', content: [{ type: 'text', text }, ...uses] });
    const results = uses.map(async ({ id, name, input }) => {
      const { content } = await request('tools/call', { name, arguments: input });
      return { type: 'tool_result', tool_use_id: id, content };
    });
    messages.push({ role: 'user', content: await Promise.all(results) });
  }
}

await request('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'floor', version: '1' },
});
server.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
const listed = (await request('tools/list', {})) as {
  tools: readonly { name: string; description?: string; inputSchema: object }[];
};
const tools = listed.tools.map(({ name, description, inputSchema }) => ({
  name,
  description: description ?? '',
  input_schema: inputSchema,
}));
await measure(run);
server.kill();
