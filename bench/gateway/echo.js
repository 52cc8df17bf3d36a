/**
 * A server so small that what stands before it is what is measured: JSON-RPC read and written by hand, in plain JavaScript
 * and without an SDK. Over stdio, or with `--http` on a loopback port, which it prints.
 */
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const inputSchema = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] };
const TOOLS = [
  { name: 'echo', description: 'Says it again.', inputSchema, annotations: { readOnlyHint: true } },
  { name: 'write', description: 'Says it again, and might change things.', inputSchema },
];

if (process.argv.includes('--http')) overHttp();
else overStdio();

function overStdio() {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const answered = answer(JSON.parse(line));
    if (answered !== undefined) process.stdout.write(`${JSON.stringify(answered)}\n`);
  });
}

function overHttp() {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const answered =
        request.method === 'POST' ? answer(JSON.parse(Buffer.concat(chunks).toString('utf8'))) : undefined;
      if (answered === undefined) {
        response.writeHead(request.method === 'POST' ? 202 : 405).end();
        return;
      }
      const body = JSON.stringify(answered);
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      response.writeHead(200, headers).end(body);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
}

function answer({ id, method, params }) {
  if (id === undefined) return undefined;
  const result = resultOf(method, params);
  if (result !== undefined) return { jsonrpc: '2.0', id, result };
  return { jsonrpc: '2.0', id, error: { code: -32601, message: `Method not found: ${method}` } };
}

function resultOf(method, params) {
  switch (method) {
    case 'tools/call':
      return { content: [{ type: 'text', text: params.arguments.text }] };
    case 'initialize':
      return {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'echo', version: '1.0.0' },
      };
    case 'tools/list':
      return { tools: TOOLS };
    case 'ping':
      return {};
    default:
      return undefined;
  }
}
