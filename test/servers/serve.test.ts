import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';

import { LineBuffer } from '../../src/servers/line-buffer.ts';
import { StdioTransport } from '../../src/servers/stdio-transport.ts';
import { RUNNER, answerOf, startServer } from '../fixtures/start-server.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const STUBBORN = fileURLToPath(new URL('../fixtures/stubborn-server.ts', import.meta.url));

function start(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  return { child, output, exit: once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]> };
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

function write(child: ChildProcessWithoutNullStreams, message: object): void {
  child.stdin.write(`${JSON.stringify(message)}\n`);
}

async function initialized(running: ReturnType<typeof start>): Promise<void> {
  write(running.child, INITIALIZE);
  await expect.poll(() => running.output.stdout, { timeout: 10_000 }).toContain('"id":1');
}

describe('wrong usage', () => {
  test.for([
    [['filesystem', '--rot', '.'], "'--rot'"],
    [['filesystem', '--root', '/no/such/folder'], "The root '/no/such/folder' cannot be used"],
    [['filesystem', '--root', 'package.json'], 'is a file'],
    [['web', 'surplus'], 'surplus'],
    [['web', '--search-url', 'nonsense'], 'takes a complete URL'],
    [['web', '--port', '80'], 'only together with --http'],
    [['web', '--http', '--port', '99999'], 'from 0 to 65535'],
    [['web', '--http', '--host', '0.0.0.0'], '127.0.0.1, ::1 or localhost only'],
  ] as const)('%j exits with 2, explains itself and shows the usage', async ([args, reason]) => {
    await using home = await temporaryFolder('usage');
    const { exit, output } = start(RUNNER, args, { SWITCHYARD_HOME: home.path });
    expect(await exit).toEqual([2, null]);
    expect(output.stderr).toContain(reason);
    expect(output.stderr).toContain('Usage: switchyard server');
    expect(output.stdout).toBe('');
  });

  test('--help prints the usage on standard output', async () => {
    const { exit, output } = start(RUNNER, ['web', '--help']);
    expect(await exit).toEqual([0, null]);
    expect(output.stdout).toContain('--allow-private');
  });
});

describe('over stdio', () => {
  test('standard output carries the protocol alone, whatever prints', async () => {
    const running = start(STUBBORN, []);
    await initialized(running);
    running.child.stdin.end();
    await running.exit;
    const lines = running.output.stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { jsonrpc: string }).jsonrpc)).toEqual(['2.0']);
    for (const noise of ['from console.log', 'from process.stdout'])
      expect(running.output.stderr).toContain(noise);
  });

  test.for([
    ['the end of standard input', 0],
    ['SIGTERM', 0],
    ['SIGHUP', 0],
    ['SIGINT', 130],
  ] as const)('%s runs onClose and ends a process that something keeps alive', async ([how, code]) => {
    const running = start(STUBBORN, []);
    await initialized(running);
    if (how === 'the end of standard input') running.child.stdin.end();
    else running.child.kill(how);
    expect(await running.exit).toEqual([code, null]);
    expect(running.output.stderr).toContain('closed properly');
  });

  test('a second signal ends a server that hangs in closing', async () => {
    const running = start(STUBBORN, ['hang']);
    await initialized(running);
    running.child.kill('SIGTERM');
    await expect.poll(() => running.output.stderr).toContain('"stopping"');
    running.child.kill('SIGTERM');
    expect(await running.exit).toEqual([0, null]);
  });

  test('a client that stops reading ends the server without a crash', async () => {
    const running = start(STUBBORN, []);
    await initialized(running);
    running.child.stdout.destroy();
    write(running.child, { jsonrpc: '2.0', method: 'notifications/initialized' });
    write(running.child, { jsonrpc: '2.0', id: 2, method: 'tools/list' });
    expect(await running.exit).toEqual([0, null]);
    expect(running.output.stderr).toContain('standard output');
    expect(running.output.stderr).not.toContain('Unhandled');
  });

  test('noise on standard input is reported and harms nothing', async () => {
    const running = start(STUBBORN, []);
    running.child.stdin.write('not json\n\n{"jsonrpc":"1.0"}\n[]\n');
    await initialized(running);
    expect(running.output.stderr).toContain('no JSON-RPC message');
    running.child.stdin.end();
    await running.exit;
  });

  test.for(['legacy', 'auto'] as const)('serves the %s era, and a message of 60 MB', async (era) => {
    await using home = await temporaryFolder('serve');
    const options = { args: ['--root', home.path], env: { SWITCHYARD_HOME: home.path }, era };
    await using server = await startServer('filesystem', options);
    expect(server.client.getProtocolEra()).toBe(era === 'auto' ? 'modern' : 'legacy');
    const answer = await server.call('write_file', { path: '../x', content: 'x'.repeat(60 * 1024 * 1024) });
    expect(answer.text).toContain('outside the folders');
  });
});

describe('over HTTP', () => {
  async function listening(): Promise<{ running: ReturnType<typeof start>; url: URL }> {
    const running = start(RUNNER, ['web', '--http', '--port', '0']);
    await expect.poll(() => running.output.stderr, { timeout: 10_000 }).toContain('/mcp');
    return { running, url: new URL(/http:[^"\s]+\/mcp/.exec(running.output.stderr)?.[0] ?? '') };
  }

  function status(url: URL, headers: Record<string, string>, body?: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const sent = request(url, { method: body === undefined ? 'GET' : 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
    return promise;
  }

  test('strangers are refused, health is told, and both eras are served until SIGTERM', async () => {
    const { running, url } = await listening();
    const health = new URL('/healthz', url);
    expect(await status(health, { host: 'evil.example' })).toBe(403);
    expect(await status(health, { origin: 'https://evil.example' })).toBe(403);
    expect(await status(new URL('/other', url), {})).toBe(404);
    const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    expect(await status(url, { ...json, 'content-length': String(40 * 1024 * 1024) }, '')).toBe(413);
    expect(await status(health, {})).toBe(200);
    for (const mode of ['legacy', 'auto'] as const) {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
      await client.connect(new StreamableHTTPClientTransport(url));
      expect(client.getProtocolEra()).toBe(mode === 'auto' ? 'modern' : 'legacy');
      const answer = answerOf(await client.callTool({ name: 'search', arguments: { query: 'ships' } }));
      expect(answer.text).toContain('Web search needs a key');
      await client.close();
    }
    running.child.kill('SIGTERM');
    expect(await running.exit).toEqual([0, null]);
  });

  test('a port that is taken is explained', async () => {
    const { running, url } = await listening();
    const second = start(RUNNER, ['web', '--http', '--port', url.port]);
    const [code] = await second.exit;
    expect(code).not.toBe(0);
    expect(second.output.stderr).toContain(`Cannot listen on 127.0.0.1:${url.port}`);
    running.child.kill('SIGTERM');
    await running.exit;
  });
});

describe('the line buffer', () => {
  test('puts lines together however they are cut', () => {
    const text = 'erste Zeile\nzweite — Zeile 🚂\n\nlast\n';
    for (let size = 1; size < 12; size += 1) {
      const lines: string[] = [];
      const buffer = new LineBuffer({
        maxLineBytes: 1_000,
        onLine: (line) => lines.push(line),
        onOversized: () => lines.push('oversized'),
      });
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += size) buffer.push(bytes.subarray(at, at + size));
      expect(lines).toEqual(['erste Zeile', 'zweite — Zeile 🚂', '', 'last']);
    }
  });

  test('a message over the limit is answered with an error by its id, and the next one is served', async () => {
    for (const message of [
      { jsonrpc: '2.0', id: 7, method: 'big', params: { text: 'x'.repeat(10_000) } },
      { method: 'big', params: { text: 'x'.repeat(10_000) }, jsonrpc: '2.0', id: 7 },
    ]) {
      const input = new PassThrough();
      const sent: string[] = [];
      const received: unknown[] = [];
      const transport = new StdioTransport({
        input,
        maxMessageBytes: 5_000,
        write: (text, done) => {
          sent.push(text);
          done();
        },
      });
      transport.onmessage = (arrived) => received.push(arrived);
      await transport.start();
      input.write(
        `${JSON.stringify(message)}\n${JSON.stringify({ jsonrpc: '2.0', id: 8, method: 'small' })}\n`,
      );
      await expect.poll(() => received).toMatchObject([{ id: 8 }]);
      expect(sent.map((text) => JSON.parse(text) as unknown)).toMatchObject([
        { id: 7, error: { message: expect.stringContaining('over the limit of 5000 bytes') as string } },
      ]);
      await transport.close();
    }
  });
});
