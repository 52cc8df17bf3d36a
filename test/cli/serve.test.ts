/** `switchyard serve --stdio` as a process: what it writes, what it takes, and how it ends. */
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import type { JsonObject } from '../../src/json.ts';
import { switchyard } from '../fixtures/command-line.ts';
import { gatewayWorld, initialize, modern, openWire, type World } from '../fixtures/gateway.ts';
import { processesWith } from '../fixtures/processes.ts';

let world: World | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

/** `mark` finds its process again. */
async function worldWith(mark: string, more: JsonObject = {}): Promise<World> {
  const server = join(import.meta.dirname, '../fixtures/mcp/everything.ts');
  world = await gatewayWorld({
    mcpServers: { all: { command: process.execPath, args: [server, mark] }, ...more },
  });
  return world;
}

test.each(['end of input', 'SIGTERM', 'SIGINT'] as const)('ends at %s, and leaves no child', async (how) => {
  const mark = `--mark-${process.pid}-${how.replaceAll(' ', '-')}`;
  await using wire = openWire(await worldWith(mark));
  await initialize(wire);
  await wire.ask(1, 'tools/list');
  const call = { name: 'all__wait', arguments: {} };
  wire.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: call });
  await wire.ask(3, 'tools/call', { name: 'all__add', arguments: { a: 1, b: 2 } });
  expect(await processesWith('everything.ts', mark)).toHaveLength(1);
  if (how === 'end of input') wire.process.stdin?.end();
  else wire.process.kill(how);
  const codes = { 'end of input': 0, SIGTERM: 143, SIGINT: 130 };
  expect(await wire.exited).toEqual({ code: codes[how], signal: null });
  expect(await processesWith('everything.ts', mark)).toEqual([]);
  // What was open when it ended is not answered.
  expect(wire.lines.some((line) => line.includes('"id":2'))).toBe(false);
});

test('what a dependency prints goes to standard error', async () => {
  const noise = `import { registerHooks } from 'node:module';
    registerHooks({
      load(url, context, next) {
        if (url.endsWith('config-and-log.ts')) {
          console.log('noise of a console');
          process.stdout.write('noise of a write\\n');
          setInterval(() => console.info('noise again'), 5).unref();
        }
        return next(url, context);
      },
    });`;
  await using wire = openWire(await worldWith('--noise'), {
    preload: `data:text/javascript,${encodeURIComponent(noise)}`,
  });
  await initialize(wire);
  await wire.ask(1, 'tools/list');
  await wire.ask(2, 'tools/call', { name: 'all__add', arguments: { a: 1, b: 2 } });
  for (const line of wire.lines) expect(JSON.parse(line)).toHaveProperty('jsonrpc', '2.0');
  expect(wire.stderr()).toContain('noise of a console');
  expect(wire.stderr()).toContain('noise of a write');
  expect(wire.stderr()).toContain('noise again');
});

test('the first list needs neither SQLite nor the rest of the host, and the call that follows has both', async () => {
  const told = `import { registerHooks } from 'node:module';
    registerHooks({
      load(url, context, next) {
        if (/host\\/host\\.ts$|node:sqlite|client\\/dist/.test(url)) process.stderr.write('loaded ' + url + '\\n');
        return next(url, context);
      },
    });`;
  const started = await worldWith('--lazy');
  {
    await using warm = openWire(started);
    await initialize(warm);
    await warm.ask(1, 'tools/list');
  }
  await using wire = openWire(started, { preload: `data:text/javascript,${encodeURIComponent(told)}` });
  await initialize(wire);
  const loaded = wire.stderr();
  expect(loaded).not.toContain('loaded');
  const { tools } = (await wire.ask(1, 'tools/list'))['result'] as { tools: JsonObject[] };
  expect(tools.map(({ name }) => name)).toContain('all__add');
  const call = { name: 'all__add', arguments: { a: 1, b: 2 } };
  expect((await wire.ask(2, 'tools/call', call))['result']).toMatchObject({ structuredContent: { sum: 3 } });
  expect(wire.stderr()).toContain('host/host.ts');
});

test('lines that are no request get an error, and the next one its answer', async () => {
  await using wire = openWire(await worldWith('--lines'));
  const refused = async (line: string): Promise<unknown> => {
    wire.send(line);
    return (await wire.take(({ error }) => error !== undefined))['error'];
  };
  expect(await refused('{"jsonrpc":"2.0","id":')).toMatchObject({ code: -32700 });
  expect(await refused('[]x')).toMatchObject({ code: -32700 });
  wire.process.stdin?.write(Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]));
  expect((await wire.take(({ error }) => error !== undefined))['error']).toMatchObject({
    code: -32700,
    message: expect.stringContaining('UTF-8'),
  });
  expect(await refused('{"id":7,"method":"tools/list"}')).toMatchObject({ code: -32600 });
  expect(await refused('{"jsonrpc":"2.0","id":8,"method":"no/such"}')).toMatchObject({ code: -32601 });
  expect(await refused(JSON.stringify({ jsonrpc: '2.0', id: 9, method: 'tools/call' }))).toMatchObject({
    code: -32602,
  });
  await initialize(wire);
  const call = { name: 'all__wait', arguments: {} };
  wire.send({ jsonrpc: '2.0', id: 'same', method: 'tools/call', params: call });
  expect((await wire.ask('same', 'ping'))['error']).toMatchObject({ code: -32600 });
  expect((await wire.ask(10, 'ping'))['result']).toEqual({});
});

test('each revision gets its own answer', async () => {
  await using wire = openWire(await worldWith('--versions'));
  const version = async (protocolVersion: string): Promise<unknown> =>
    (await wire.ask(protocolVersion, 'initialize', { protocolVersion, capabilities: {} }))['result'];
  expect(await version('2024-11-05')).toMatchObject({ protocolVersion: '2024-11-05' });
  expect(await version('1999-01-01')).toMatchObject({ protocolVersion: '2025-11-25' });
  expect(await version('2026-07-28')).toMatchObject({ protocolVersion: '2025-11-25' });
  const found = await wire.ask('discover', 'server/discover', modern());
  expect(found['result']).toMatchObject({
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    ttlMs: expect.any(Number),
    cacheScope: 'private',
  });
  const unknown = await wire.ask('future', 'tools/list', {
    _meta: { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' },
  });
  expect(unknown['error']).toMatchObject({
    code: -32022,
    data: { supported: ['2026-07-28'], requested: '2099-01-01' },
  });
  const bare = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
  expect((await wire.ask('bare', 'tools/list', { _meta: bare }))['error']).toMatchObject({ code: -32602 });
  expect((await wire.ask('gone', 'ping', modern()))['error']).toMatchObject({ code: -32601 });
  expect((await wire.ask('early', 'server/discover', {}))['error']).toMatchObject({ code: -32601 });
});

test('a server that never answers and one that ends delay nobody', async () => {
  const misbehaving = join(import.meta.dirname, '../fixtures/mcp/misbehaving.ts');
  const started = await worldWith('--others');
  {
    await using warm = openWire(started);
    await initialize(warm);
    await warm.ask(1, 'tools/list');
  }
  const { writeFile } = await import('node:fs/promises');
  const config = {
    approvals: [{ tool: '*', decision: 'allow' }],
    mcpServers: {
      all: {
        command: process.execPath,
        args: [join(import.meta.dirname, '../fixtures/mcp/everything.ts'), '--others'],
      },
      hangs: { command: process.execPath, args: ['-e', 'setInterval(() => 0, 1000)'] },
      ends: { command: process.execPath, args: ['-e', 'process.exit(3)'] },
      odd: { command: process.execPath, args: [misbehaving] },
    },
  };
  await writeFile(started.args.at(-1) ?? '', JSON.stringify(config));
  await using wire = openWire(started);
  await initialize(wire);
  const { tools } = (await wire.ask(1, 'tools/list'))['result'] as { tools: { name: string }[] };
  expect(tools.map(({ name }) => name)).toContain('all__add');
  expect(await wire.ask(2, 'tools/call', { name: 'all__add', arguments: { a: 1, b: 2 } })).toMatchObject({
    result: { structuredContent: { sum: 3 } },
  });
  // What was not known is told when it is.
  await wire.take(({ method }) => method === 'notifications/tools/list_changed');
  const later = (await wire.ask(3, 'tools/list'))['result'] as { tools: { name: string }[] };
  expect(later.tools.map(({ name }) => name)).toContain('odd__echo');
});

test('says what is missing where it is not told how clients reach it', async () => {
  const { home, work } = await worldWith('--usage');
  const finished = await switchyard(['serve'], { cwd: work, home });
  expect(finished).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('serve --stdio') });
});
