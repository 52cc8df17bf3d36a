import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { type CallOutcome, type InputRequest, openRegistry } from '../../src/registry/index.ts';
import { Bench, httpServer, stdioServer, textOf, until } from './fixture.ts';

test('unknown names say what is near', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(bench.options([stdioServer('one', 'everything')]));
  await registry.ready();
  const call = await registry.call('one__ad', {}, {});
  expect(call).toMatchObject({ type: 'tool-error', code: 'unknown-tool' });
  expect('message' in call && call.message).toContain("nearest is 'one__add'");
  expect(await registry.read('note://three', {})).toMatchObject({ code: 'unknown-resource' });
  expect(await registry.prompt('one__hello', {}, {})).toMatchObject({ code: 'unknown-prompt' });
});

test.each([
  ['modern', []],
  ['legacy', ['--legacy']],
])(
  'a %s stdio server is listed whole, called, read, prompted, completed and cancelled',
  async (era, args) => {
    await using bench = new Bench();
    await using registry = await openRegistry(bench.options([stdioServer('one', 'everything', args)]));
    expect(registry.catalog().tools).toEqual([]);
    await registry.ready();
    expect(registry.servers()[0]).toMatchObject({
      state: 'ready',
      era,
      fromSnapshot: false,
      instructions: 'Use it in tests.',
    });

    const add = await registry.call('one__add', { a: 1, b: 2 }, {});
    expect(add).toMatchObject({ type: 'complete', result: { structuredContent: { sum: 3 } } });
    expect(await registry.call('one__fail', {}, {})).toMatchObject({
      type: 'tool-error',
      code: 'tool-error',
      message: 'The disk is full.',
    });
    const steps: number[] = [];
    await registry.call('one__count', { to: 5 }, { onProgress: ({ progress }) => void steps.push(progress) });
    expect(steps).toEqual([1, 2, 3, 4, 5]);

    expect(await registry.read('note://one', {})).toMatchObject({
      result: { contents: [{ text: 'the first note' }] },
    });
    expect(await registry.read('page://tales/7', {})).toMatchObject({
      result: { contents: [{ text: 'page 7 of tales' }] },
    });
    expect(JSON.stringify(await registry.prompt('one__greet', { name: 'Bo' }, {}))).toContain('Greet Bo');
    const reference = { type: 'prompt', name: 'one__greet' } as const;
    expect(await registry.complete(reference, { name: 'name', value: 'A' }, {})).toMatchObject({
      values: ['Ada', 'Alan'],
    });

    expect(await registry.call('one__wait', {}, { timeoutMs: 200 })).toMatchObject({
      type: 'uncertain',
      cause: 'timeout',
    });
    const abort = new AbortController();
    const waiting = registry.call('one__wait', {}, { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    expect(await waiting).toMatchObject({ type: 'uncertain', cause: 'cancelled' });
    await until(() => bench.events('server-stderr').length >= 2, 'the server has heard of both endings');
    expect(await registry.call('one__add', { a: 1, b: 2 }, { signal: abort.signal })).toMatchObject({
      type: 'tool-error',
      code: 'cancelled',
    });
  },
);

test.each([
  ['modern', []],
  ['legacy', ['--legacy']],
])('changes of a %s server reach the catalog, and a watched resource its reader', async (_era, args) => {
  await using bench = new Bench();
  await using registry = await openRegistry(bench.options([stdioServer('one', 'everything', args)]));
  await registry.ready();
  const before = registry.catalog().revision;
  const seen: string[] = [];
  const watching = (async () => {
    for await (const change of registry.changes()) seen.push(`${change.kind} ${change.revision}`);
  })();
  await registry.call('one__grow', {}, {});
  await until(
    () => registry.catalog().tools.some((tool) => tool.name === 'one__grown'),
    'the tool is listed',
  );
  expect(registry.catalog().revision).not.toBe(before);
  expect(seen).toContain(`tools ${registry.catalog().revision}`);

  const abort = new AbortController();
  const updates: string[] = [];
  const reading = (async () => {
    for await (const { uri } of registry.subscribe('note://one', abort.signal)) updates.push(uri);
  })();
  await until(() => {
    void registry.call('one__touch', {}, {});
    return updates.length > 0;
  }, 'the resource is seen to change');
  abort.abort();
  await reading;
  await registry[Symbol.asyncDispose]();
  await watching;
});

test('unknown fields of definitions are kept in both eras', async () => {
  await using bench = new Bench();
  const servers = [stdioServer('old', 'misbehaving', ['plain']), stdioServer('raw', 'modern-raw')];
  await using registry = await openRegistry(bench.options(servers));
  await registry.ready();
  const definition = (name: string) =>
    registry.catalog().tools.find((tool) => tool.name === name)?.definition;
  expect(definition('old__echo')).toMatchObject({ 'x-unknown': { kept: true } });
  expect(definition('raw__paint')).toMatchObject({ vendorField: { kept: true } });
});

test('a legacy server asks the one call in flight, else the registry, else nobody', async () => {
  await using bench = new Bench();
  const servers = [stdioServer('asks', 'misbehaving', ['asks'])];
  const asked: InputRequest[] = [];
  {
    await using registry = await openRegistry(bench.options(servers));
    await registry.ready();
    const declined = await registry.call('asks__act', {}, {});
    expect(text(declined)).toContain('"action":"decline"');
    const accepted = await registry.call(
      'asks__act',
      {},
      {
        onInput: async (request) => {
          asked.push(request);
          return { action: 'accept', content: { colour: 'blue' } };
        },
      },
    );
    expect(text(accepted)).toContain('"colour":"blue"');
    expect(asked[0]).toMatchObject({
      server: 'asks',
      method: 'elicitation/create',
      params: { message: 'Which colour?' },
    });
  }
  const onInput = async () => ({ action: 'cancel' });
  await using registry = await openRegistry(bench.options(servers, { onInput }));
  expect(text(await registry.call('asks__act', {}, {}))).toContain('"action":"cancel"');
});

test('a modern server that wants input first gets it in rounds, or the host gets the question', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(bench.options([stdioServer('raw', 'modern-raw')]));
  await registry.ready();
  const question = await registry.call('raw__paint', {}, {});
  expect(question).toMatchObject({
    type: 'input-required',
    requestState: '1',
    inputRequests: { colour: {} },
  });
  const resumed = await registry.call(
    'raw__paint',
    {},
    { inputResponses: { colour: { action: 'accept', content: { colour: 'red' } } }, requestState: '1' },
  );
  expect(text(resumed)).toContain('"round":2');
  const onInput = async () => ({ action: 'accept', content: { colour: 'blue' } });
  expect(text(await registry.call('raw__paint', {}, { onInput }))).toContain('blue');
  expect(await registry.call('raw__insatiable', {}, { onInput })).toMatchObject({
    code: 'too-many-input-rounds',
  });
});

test('a protocol error of the server is a tool error with its code', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(
    bench.options([stdioServer('no', 'misbehaving', ['protocol-error'])]),
  );
  await registry.ready();
  expect(await registry.call('no__act', {}, {})).toMatchObject({ type: 'tool-error', code: '-32602' });
});

test('the snapshot answers before any server is up, holds no secret, and a damaged one is written afresh', async () => {
  await using bench = new Bench();
  const server = stdioServer('one', 'everything', [], { env: { API_KEY: 'the-very-secret-key' } });
  const first = await openRegistry(bench.options([server]));
  await first.ready();
  const { revision } = first.catalog();
  await first[Symbol.asyncDispose]();

  const folder = join(bench.homeFolder, 'catalog');
  const [file = ''] = readdirSync(folder);
  const path = join(folder, file);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).not.toContain('the-very-secret-key');

  {
    await using second = await openRegistry(bench.options([server]));
    await second.ready();
    expect(second.catalog().revision).toBe(revision);
    expect(second.servers()[0]).toMatchObject({ state: 'idle', fromSnapshot: true, counts: { tools: 9 } });
    expect(second.search('add two numbers')[0]?.entry.name).toBe('one__add');
    expect(await second.call('one__add', { a: 2, b: 2 }, {})).toMatchObject({ type: 'complete' });
    await until(() => second.servers()[0]?.fromSnapshot === false, 'the entries are confirmed');
  }
  const whole = createHash('sha256').update(readFileSync(path)).digest('hex');
  writeFileSync(path, '{"format":1,"entries":{"tools":[1');
  await using third = await openRegistry(bench.options([server]));
  expect(third.catalog().tools).toEqual([]);
  expect(bench.events('snapshot-damaged')).toHaveLength(1);
  await third.ready();
  await third[Symbol.asyncDispose]();
  expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(whole);
});

test('allow and deny, trust, disabled and invalid entries show in the catalog and the status', async () => {
  await using bench = new Bench();
  const one = stdioServer('one', 'everything', [], {
    tools: { allow: ['a*', 'w*'], deny: ['wait'] },
    trust: 'none',
  });
  const common = { ...stdioServer('off', 'everything'), disabled: true };
  const invalid = {
    ...common,
    name: 'broken',
    disabled: false,
    type: 'invalid',
    reason: 'TOKEN is not set.',
  } as const;
  await using registry = await openRegistry(bench.options([one, common, invalid]));
  await registry.ready();
  expect(registry.catalog().tools.map(({ name, annotationsTrusted }) => [name, annotationsTrusted])).toEqual([
    ['one__add', false],
  ]);
  expect(registry.servers().map(({ name, state, reason }) => [name, state, reason])).toEqual([
    ['one', 'ready', undefined],
    ['off', 'disabled', undefined],
    ['broken', 'failed', 'TOKEN is not set.'],
  ]);
  expect(await registry.call('one__wait', {}, {})).toMatchObject({ code: 'unknown-tool' });
});

test('a server inherits the safe variables and its own, nothing else', async () => {
  await using bench = new Bench();
  process.env['SWITCHYARD_TEST_SECRET'] = 'not for servers';
  const server = stdioServer('one', 'everything', [], { env: { OWN: 'yes' } });
  await using registry = await openRegistry(bench.options([server]));
  await registry.ready();
  const names = text(await registry.call('one__environment', {}, {})).split(' ');
  expect(names).toContain('OWN');
  expect(names).toContain('PATH');
  expect(names).not.toContain('SWITCHYARD_TEST_SECRET');
});

test('two servers with the same names and resources stay apart', async () => {
  await using bench = new Bench();
  const servers = [
    stdioServer('my server', 'everything'),
    stdioServer('my_server', 'everything', ['--legacy']),
  ];
  await using registry = await openRegistry(bench.options(servers));
  await registry.ready();
  const { tools, resources } = registry.catalog();
  expect(new Set(tools.map((tool) => tool.name)).size).toBe(18);
  expect(resources.map((resource) => resource.uri)).toEqual([
    'note://one',
    'switchyard://servers/my_server/note://one',
  ]);
  for (const { uri } of resources) expect(await registry.read(uri, {})).toMatchObject({ type: 'complete' });
});

test('twelve servers connect at once, and those who ask together share one connection', async () => {
  await using bench = new Bench();
  const servers = Array.from({ length: 12 }, (_, index) =>
    stdioServer(`s${index}`, 'misbehaving', ['plain']),
  );
  await using registry = await openRegistry(bench.options(servers));
  await Promise.all([registry.ready(), registry.ready()]);
  expect(registry.servers().every(({ state }) => state === 'ready')).toBe(true);
  expect(bench.events('server-connected')).toHaveLength(12);
});

test.each([
  ['--http', 'modern'],
  ['--http-sessions', 'legacy'],
])('a server over streamable HTTP answers (%s)', async (flag, era) => {
  await using bench = new Bench();
  const { line: url, process: child } = await bench.start('everything', [flag]);
  await using registry = await openRegistry(bench.options([httpServer('web', url)]));
  await registry.ready();
  expect(registry.servers()[0]).toMatchObject({ state: 'ready', transport: 'http', era });
  expect(await registry.call('web__add', { a: 1, b: 2 }, {})).toMatchObject({ type: 'complete' });
  const steps: number[] = [];
  await registry.call('web__count', { to: 3 }, { onProgress: ({ progress }) => void steps.push(progress) });
  expect(steps).toEqual([1, 2, 3]);
  const lost = registry.call('web__exit', {}, {});
  expect(await lost).toMatchObject({ type: 'uncertain', cause: 'connection-lost' });
  await until(() => child.exitCode !== null, 'the server is gone');
  expect(await registry.call('web__add', { a: 1, b: 2 }, {})).toMatchObject({
    type: 'tool-error',
    code: 'server-unavailable',
  });
});

test('a server that forgot the session is connected afresh for the next call', async () => {
  await using bench = new Bench();
  const { line: url } = await bench.start('everything', ['--http-sessions']);
  await using registry = await openRegistry(bench.options([httpServer('web', url)]));
  await registry.ready();
  await fetch(new URL('/forget', url));
  expect(await registry.call('web__add', { a: 1, b: 2 }, {})).toMatchObject({
    type: 'tool-error',
    code: 'http-404',
  });
  expect(await registry.call('web__add', { a: 1, b: 2 }, {})).toMatchObject({ type: 'complete' });
});

test('a server of the oldest transport is found by falling back, and at once the next time', async () => {
  await using bench = new Bench();
  const { line: url, process: child } = await bench.start('legacy-sse');
  for (const times of [1, 2]) {
    await using registry = await openRegistry(bench.options([httpServer('old', url)]));
    await registry.ready({ fresh: true });
    expect(registry.servers()[0], `time ${times}`).toMatchObject({
      state: 'ready',
      transport: 'sse',
      era: 'legacy',
    });
    expect(text(await registry.call('old__echo', {}, {}))).toBe('echo over sse');
    if (times === 2) {
      child.kill('SIGKILL');
      await until(() => registry.servers()[0]?.state !== 'ready', 'the loss is seen');
    }
  }
});

test.each([
  ['stream-ends', { type: 'uncertain', cause: 'connection-lost' }],
  ['socket-ends', { type: 'uncertain', cause: 'connection-lost' }],
  ['server-error', { type: 'uncertain', cause: 'invalid-answer' }],
  ['no-json', { type: 'uncertain', cause: 'invalid-answer' }],
  ['refuses', { type: 'tool-error', code: 'http-403' }],
])('an HTTP call whose answer is broken says what is known (%s)', async (mode, expected) => {
  await using bench = new Bench();
  const { line: url } = await bench.start('misbehaving-http', [mode]);
  await using registry = await openRegistry(bench.options([httpServer('web', url)]));
  await registry.ready();
  expect(await registry.call('web__act', {}, {})).toMatchObject(expected);
});

test('an HTTP result over the limit fails its call, and the server goes on', async () => {
  await using bench = new Bench();
  const { line: url } = await bench.start('misbehaving-http', ['large-result', '3000000']);
  await using registry = await openRegistry(
    bench.options([httpServer('web', url)], { maxMessageBytes: 1_000_000 }),
  );
  await registry.ready();
  const outcome = await registry.call('web__act', {}, {});
  expect(outcome).toMatchObject({ type: 'uncertain', cause: 'message-too-large' });
  expect('message' in outcome && outcome.message).toContain('the limit is 1000000');
  expect(registry.servers()[0]).toMatchObject({ state: 'ready' });
});

test('an event over the limit fails its call as well', async () => {
  await using bench = new Bench();
  const { line: url } = await bench.start('everything', ['--http-sessions']);
  await using registry = await openRegistry(
    bench.options([httpServer('web', url)], { maxMessageBytes: 100_000 }),
  );
  await registry.ready();
  const outcome = await registry.call('web__large', { size: 300_000 }, {});
  expect(outcome).toMatchObject({ type: 'uncertain', cause: 'message-too-large' });
  expect(await registry.call('web__large', { size: 10 }, {})).toMatchObject({ type: 'complete' });
});

test('headers are sent, and neither they nor their absence reach a message', async () => {
  await using bench = new Bench();
  const { line: url } = await bench.start('misbehaving-http', ['wants-token']);
  const headers = { Authorization: 'Bearer token-of-the-test' };
  const servers = [httpServer('with', url, { headers }), httpServer('without', url)];
  await using registry = await openRegistry(bench.options(servers));
  await registry.ready();
  expect(registry.servers().map(({ state }) => state)).toEqual(['ready', 'degraded']);
  expect(registry.servers()[1]?.reason).toContain("set it in 'headers'");
  expect(JSON.stringify([bench.entries, registry.servers()])).not.toContain('token-of-the-test');
});

function text(outcome: CallOutcome): string {
  expect(outcome.type).toBe('complete');
  return textOf('result' in outcome ? outcome.result : undefined);
}

test.each([
  ['modern', []],
  ['legacy', ['--legacy']],
])('a %s server that was restarted is listed anew, and its changes are heard again', async (_era, args) => {
  await using bench = new Bench();
  await using registry = await openRegistry(bench.options([stdioServer('one', 'everything', args)]));
  await registry.ready();
  const has = (name: string): boolean => registry.catalog().tools.some((tool) => tool.name === name);
  await registry.call('one__grow', {}, {});
  await until(() => has('one__grown'), 'the tool is listed');
  expect(await registry.call('one__exit', {}, {})).toMatchObject({ cause: 'connection-lost' });
  // A fresh process has not grown.
  await until(() => !has('one__grown'), 'what is gone is listed no longer');
  await until(() => registry.servers()[0]?.state === 'ready', 'it is connected again');
  await until(() => {
    void registry.call('one__grow', {}, {});
    return has('one__grown');
  }, 'its change is heard');
});

test('arguments that a modern HTTP server wants as headers are sent as such, and a tool that declares it badly is left out', async () => {
  await using bench = new Bench();
  const { line } = await bench.start('mirrored', ['--http']);
  await using registry = await openRegistry(bench.options([httpServer('mirror', line)]));
  await registry.ready();
  expect(registry.servers()[0]).toMatchObject({ era: 'modern', state: 'ready' });
  expect(registry.catalog().tools.map(({ name }) => name)).toEqual(['mirror__query']);
  expect(registry.servers()[0]?.notices.join()).toContain("The tool 'twice' is left out");
  const args = { region: 'Zürich', limits: { rows: 3 } };
  const called = await registry.call('mirror__query', args, {});
  expect(text(called)).toBe(JSON.stringify(args));
});
