import { execFileSync } from 'node:child_process';

import { expect, test } from 'vitest';

import { openRegistry } from '../../src/registry/index.ts';
import { Bench, isAlive, stdioServer, textOf, until } from './fixture.ts';

const good = stdioServer('good', 'everything');

test('a program that is missing fails alone and says what to check', async () => {
  await using bench = new Bench();
  const missing = { ...stdioServer('missing', 'misbehaving'), command: 'no-such-program-anywhere' };
  await using registry = await openRegistry(bench.options([missing, good]));
  await registry.ready();
  const [status] = registry.servers();
  expect(status?.state).toBe('failed');
  expect(status?.reason).toContain("'no-such-program-anywhere' was not found");
  expect(await registry.call('good__add', { a: 1, b: 2 }, {})).toMatchObject({ type: 'complete' });
});

test('a server that exits at once fails with its code and last words, its secret masked', async () => {
  await using bench = new Bench();
  const secret = 'the-very-secret-key';
  const server = stdioServer('bad', 'misbehaving', ['exits-at-once'], { env: { API_KEY: secret } });
  await using registry = await openRegistry(bench.options([server]));
  await registry.ready();
  const [status] = registry.servers();
  expect(status?.state).toBe('failed');
  expect(status?.reason).toContain('exited with code 7');
  expect(status?.reason).toContain('the key [API_KEY] is not accepted');
  expect(JSON.stringify([bench.entries, registry.servers()])).not.toContain(secret);
  expect(bench.events('server-stderr').length).toBeGreaterThan(0);
});

test('a server that hangs in the handshake fails at the limit while the others answer', async () => {
  await using bench = new Bench();
  const hangs = stdioServer('hangs', 'misbehaving', ['hangs-in-handshake']);
  await using registry = await openRegistry(bench.options([hangs, good], { connectTimeoutMs: 3_000 }));
  await registry.ready({ servers: ['good'] });
  expect(await registry.call('good__add', { a: 1, b: 2 }, {})).toMatchObject({ type: 'complete' });
  await registry.ready();
  expect(registry.servers()[0]?.reason).toContain('did not complete the handshake within 3000 ms');
});

test('a server that never lists its tools is degraded, and its name is in the reason', async () => {
  await using bench = new Bench();
  const server = stdioServer('mute', 'misbehaving', ['never-lists']);
  await using registry = await openRegistry(bench.options([server, good], { connectTimeoutMs: 2_000 }));
  await registry.ready();
  expect(registry.servers()[0]).toMatchObject({ state: 'degraded' });
  expect(registry.servers()[0]?.reason).toContain('No answer to tools/list within 2000 ms');
  expect(registry.catalog().tools.some((tool) => tool.server === 'good')).toBe(true);
});

test('noise and half lines on stdout are counted in the log and disturb nothing', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(bench.options([stdioServer('noisy', 'misbehaving', ['noise'])]));
  await registry.ready();
  expect(textOf((await ok(registry.call('noisy__act', {}, {}))).result)).toBe('called act');
  await registry[Symbol.asyncDispose]();
  expect(bench.events('server-noise')).toHaveLength(1);
  expect(bench.events('server-noise-sum')[0]?.fields).toMatchObject({ kind: 'not-json', count: 2 });
});

test('a server killed in mid-call leaves the call uncertain, the others going, and itself reconnected', async () => {
  await using bench = new Bench();
  const servers = [stdioServer('dies', 'misbehaving', ['dies-mid-call']), good];
  await using registry = await openRegistry(bench.options(servers));
  await registry.ready();
  expect(await registry.call('dies__act', {}, {})).toMatchObject({
    type: 'uncertain',
    cause: 'connection-lost',
  });
  expect(await registry.call('good__add', { a: 1, b: 2 }, {})).toMatchObject({ type: 'complete' });
  await until(() => registry.servers()[0]?.state === 'ready', 'the server is connected again by itself');
  expect(await registry.call('dies__echo', {}, {})).toMatchObject({ type: 'complete' });
});

test('a result of 200 MB passes in linear time', async () => {
  await using bench = new Bench();
  const timed = async (megabytes: number) => {
    const server = stdioServer('large', 'misbehaving', ['large-result', String(megabytes * 1_000_000)]);
    await using registry = await openRegistry(bench.options([server]));
    await registry.ready();
    const started = performance.now();
    const { result } = await ok(registry.call('large__act', {}, { timeoutMs: 60_000 }));
    const durationMs = performance.now() - started;
    expect(textOf(result)).toHaveLength(megabytes * 1_000_000);
    return durationMs;
  };
  const small = await timed(25);
  const large = await timed(200);
  console.log(`25 MB in ${small.toFixed(0)} ms, 200 MB in ${large.toFixed(0)} ms`);
  // Quadratic growth would be a factor of 64; eight times the bytes may take a multiple of eight on a busy machine.
  expect(large).toBeLessThan(small * 32);
});

test.each(['large-result', 'overlong-id-last', 'overlong-id-missing'])(
  'a line over the limit fails its call with size and limit while the connection lives (%s)',
  async (mode) => {
    await using bench = new Bench();
    const server = stdioServer('large', 'misbehaving', [mode, '3000000']);
    await using registry = await openRegistry(bench.options([server], { maxMessageBytes: 1_000_000 }));
    await registry.ready();
    const pid = registry.servers()[0]?.pid;
    const outcome = await registry.call('large__act', {}, {});
    expect(outcome).toMatchObject({ type: 'uncertain', cause: 'message-too-large' });
    expect('message' in outcome && outcome.message).toMatch(/has 3000\d{3} bytes; the limit is 1000000/);
    expect(await registry.call('large__echo', {}, {})).toMatchObject({ type: 'complete' });
    expect(registry.servers()[0]).toMatchObject({ state: 'ready', pid });
  },
);

test('only the call that the overlong line answers fails', async () => {
  await using bench = new Bench();
  const server = stdioServer('large', 'misbehaving', ['overlong-id-last', '3000000']);
  await using registry = await openRegistry(bench.options([server], { maxMessageBytes: 1_000_000 }));
  await registry.ready();
  const outcomes = await Promise.all(
    ['act', 'echo', 'echo'].map((name) => registry.call(`large__${name}`, {}, {})),
  );
  expect(outcomes.map((outcome) => outcome.type)).toEqual(['uncertain', 'complete', 'complete']);
});

test('invalid UTF-8 is replaced and logged', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(
    bench.options([stdioServer('bytes', 'misbehaving', ['invalid-utf8'])]),
  );
  await registry.ready();
  expect(textOf((await ok(registry.call('bytes__act', {}, {}))).result)).toBe('a\ufffd\ufffdb');
  expect(bench.events('server-noise')[0]?.fields).toMatchObject({ kind: 'invalid-utf8' });
});

test('duplicate tool names: the first is used, with a notice', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(
    bench.options([stdioServer('twice', 'misbehaving', ['duplicate-tools'])]),
  );
  await registry.ready();
  const { tools } = registry.catalog();
  expect(tools.map((tool) => tool.name)).toEqual(['twice__act', 'twice__echo']);
  expect(tools[1]?.definition).toMatchObject({ title: 'first' });
  expect(registry.servers()[0]?.notices).toEqual([
    "tools/list names 'echo' more than once; the first is used.",
  ]);
});

test('a schema that is none is noted, and its tool stays listed and callable', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(
    bench.options([stdioServer('odd', 'misbehaving', ['no-schema'])]),
  );
  await registry.ready();
  expect(registry.catalog().tools.map((tool) => tool.name)).toEqual(['odd__act', 'odd__echo']);
  const notices = registry.servers()[0]?.notices.join('\n') ?? '';
  expect(notices).toContain("The input schema of 'echo' is no schema; its arguments are passed unchecked.");
  expect(notices).toContain("The input schema of 'act' is no schema");
  expect(notices).toContain("The output schema of 'act' is no schema");
  expect(notices).toContain("1 entries without a 'name'");
  expect(await registry.call('odd__act', {}, {})).toMatchObject({ type: 'complete' });
  expect(bench.events('server-notice').length).toBeGreaterThan(2);
});

test('a result that breaks its output schema is an error that keeps the result, in 2020-12 and draft-07', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(
    bench.options([stdioServer('lies', 'misbehaving', ['lying-schema'])]),
  );
  await registry.ready();
  const act = await registry.call('lies__act', {}, {});
  expect(act).toMatchObject({
    type: 'tool-error',
    code: 'invalid-structured-content',
    result: { extra: 'kept' },
  });
  const echo = await registry.call('lies__echo', {}, {});
  expect(echo).toMatchObject({ type: 'tool-error', code: 'invalid-structured-content' });
  // A reference to the network is not followed: the check is skipped, and the call completes.
  expect(await registry.call('lies__remote', {}, {})).toMatchObject({ type: 'complete' });
});

test('a flood of progress loses nothing and holds up no other server', async () => {
  await using bench = new Bench();
  const flood = stdioServer('flood', 'misbehaving', ['progress-flood', '50000']);
  await using registry = await openRegistry(bench.options([flood, good]));
  await registry.ready();
  let seen = 0;
  const onProgress = () => {
    seen += 1;
  };
  const flooded = registry.call('flood__act', {}, { onProgress });
  expect(await registry.call('good__add', { a: 1, b: 2 }, {})).toMatchObject({ type: 'complete' });
  expect(await flooded).toMatchObject({ type: 'complete' });
  expect(seen).toBe(50_000);
});

test('a null result is an uncertain call, not a hang', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(
    bench.options([stdioServer('null', 'misbehaving', ['null-result'])]),
  );
  await registry.ready();
  const outcome = await registry.call('null__act', {}, {});
  expect(outcome).toMatchObject({ type: 'uncertain', cause: 'invalid-answer' });
});

test('a second answer to one request is ignored', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(
    bench.options([stdioServer('twice', 'misbehaving', ['duplicate-ids'])]),
  );
  await registry.ready();
  expect(textOf((await ok(registry.call('twice__act', {}, {}))).result)).toBe('first');
  expect(await registry.call('twice__echo', {}, {})).toMatchObject({ type: 'complete' });
  expect(bench.events('response-without-request')).toHaveLength(1);
});

test('a list that is none, and pages without end, degrade or end with a notice', async () => {
  await using bench = new Bench();
  const servers = [
    stdioServer('endless', 'misbehaving', ['endless-pages']),
    stdioServer('no-list', 'misbehaving', ['tools-no-list']),
    stdioServer('pages', 'misbehaving', ['pages', '70']),
  ];
  await using registry = await openRegistry(bench.options(servers));
  await registry.ready();
  const [endless, noList, pages] = registry.servers();
  expect(endless?.notices.join()).toContain('did not end');
  expect(noList).toMatchObject({ state: 'degraded' });
  expect(pages?.counts.tools).toBe(70);
});

test('a server that ends at any request before initialize is connected all the same, and once only the next time', async () => {
  await using bench = new Bench();
  const server = stdioServer('old', 'misbehaving', ['exits-on-discover']);
  for (const times of [1, 2]) {
    await using registry = await openRegistry(bench.options([server]));
    await registry.ready({ fresh: true });
    expect(registry.servers()[0], `time ${times}`).toMatchObject({ state: 'ready', era: 'legacy' });
  }
});

test('a server that leaves server/discover unanswered is asked to initialize on the same process', async () => {
  await using bench = new Bench();
  const server = stdioServer('old', 'misbehaving', ['ignores-discover']);
  await using registry = await openRegistry(bench.options([server], { connectTimeoutMs: 3_000 }));
  await registry.ready();
  expect(registry.servers()[0]).toMatchObject({ state: 'ready', era: 'legacy' });
});

test('a server that ignores SIGTERM is ended with its grandchild when the registry closes', async () => {
  await using bench = new Bench();
  const registry = await openRegistry(
    bench.options([stdioServer('stubborn', 'misbehaving', ['grandchild'])]),
  );
  await registry.ready();
  const pid = registry.servers()[0]?.pid ?? 0;
  await until(() => bench.events('server-stderr').length > 0, 'the grandchild is announced');
  const grandchild = grandchildOf(bench);
  expect([isAlive(pid), isAlive(grandchild)]).toEqual([true, true]);
  await registry[Symbol.asyncDispose]();
  expect([isAlive(pid), isAlive(grandchild)]).toEqual([false, false]);
});

test('a grandchild that outlives its server is ended as well', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(
    bench.options([stdioServer('maker', 'misbehaving', ['orphan-maker'])]),
  );
  await registry.ready();
  await until(() => bench.events('server-stderr').length > 0, 'the grandchild is announced');
  const grandchild = grandchildOf(bench);
  process.kill(registry.servers()[0]?.pid ?? 0, 'SIGKILL');
  await until(() => !isAlive(grandchild), 'the grandchild is ended');
});

test('closing ends calls in flight as cancelled, and again is nothing', async () => {
  await using bench = new Bench();
  const registry = await openRegistry(bench.options([stdioServer('mute', 'misbehaving', ['never-answers'])]));
  await registry.ready();
  const call = registry.call('mute__act', {}, {});
  await registry.call('mute__echo', {}, {});
  await Promise.all([registry[Symbol.asyncDispose](), registry[Symbol.asyncDispose]()]);
  expect(await call).toMatchObject({ type: 'uncertain', cause: 'cancelled' });
  expect(await registry.call('mute__echo', {}, {})).toMatchObject({
    type: 'tool-error',
    code: 'server-unavailable',
  });
});

test('a server that keeps failing is refused at once, with the reason and the time of the next attempt', async () => {
  await using bench = new Bench();
  const server = stdioServer('bad', 'misbehaving', ['exits-at-once']);
  await using registry = await openRegistry(bench.options([server]));
  for (let attempt = 0; attempt < 4; attempt += 1) await registry.ready();
  const reason = registry.servers()[0]?.reason ?? '';
  expect(reason).toMatch(/the next is made in \d+ s/);
  expect(reason).toContain('exited with code 7');
  await registry.ready();
  expect(registry.servers()[0]?.reason?.match(/Several attempts/g)).toHaveLength(1);
});

function grandchildOf(bench: Bench): number {
  const line = bench.events('server-stderr').map((entry) => JSON.stringify(entry.fields));
  const pid = Number(/grandchild (\d+)/.exec(line.join('\n'))?.[1]);
  expect(execFileSync('ps', ['-o', 'pid=', '-p', String(pid)], { encoding: 'utf8' }).trim()).toBe(
    String(pid),
  );
  return pid;
}

async function ok<T extends { type: string }>(call: Promise<T>): Promise<Extract<T, { type: 'complete' }>> {
  const outcome = await call;
  expect(outcome.type).toBe('complete');
  return outcome as Extract<T, { type: 'complete' }>;
}
