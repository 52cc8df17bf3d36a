/** Servers of which each session of a client has a connection of its own. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { CallOptions, InputHandler, Registry, RegistryOptions } from '../../src/registry/contract.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { Bench, httpServer, isAlive, stdioServer, textOf, until } from './fixture.ts';

const ISOLATED = { isolation: 'session' } as const;
const pushing = stdioServer('push', 'pushing', [], ISOLATED);
const everything = stdioServer('all', 'everything', ['--legacy', '--logs'], ISOLATED);

async function opened(
  bench: Bench,
  servers: RegistryOptions['servers'],
  more: Partial<RegistryOptions> = {},
): Promise<Registry> {
  const registry = await openRegistry(bench.options(servers, more));
  await registry.ready();
  return registry;
}

async function call(
  registry: Registry,
  session: string,
  tool: string,
  options: CallOptions = {},
): Promise<string> {
  const outcome = await registry.call(tool, {}, { client: { session }, ...options });
  return outcome.type === 'complete' ? textOf(outcome.result) : JSON.stringify(outcome);
}

const pidsOf = (bench: Bench): readonly number[] =>
  bench.events('session-connected').map(({ fields }) => Number(fields?.['pid']));

test('each session has a process of its own, from its first call until it ends; the lists need none', async () => {
  await using bench = new Bench();
  await using registry = await opened(bench, [pushing]);
  expect(registry.catalog().tools.length).toBeGreaterThan(0);
  expect(registry.servers()[0]).toMatchObject({ sessions: 0 });
  expect(registry.servers()[0]).not.toHaveProperty('pid');
  const session = registry.openSession('ada');
  await call(registry, 'ada', 'push__plain');
  await Promise.all([call(registry, 'ben', 'push__plain'), call(registry, 'ben', 'push__plain')]);
  const calls = (text: string): number => text.split('\n').filter((line) => line.includes('plain')).length;
  expect(calls(await call(registry, 'ada', 'push__received'))).toBe(1);
  expect(calls(await call(registry, 'ben', 'push__received'))).toBe(2);
  expect(registry.servers()[0]).toMatchObject({ sessions: 2 });
  const [ada = 0, ben = 0] = pidsOf(bench);
  expect([isAlive(ada), isAlive(ben)]).toEqual([true, true]);
  await session[Symbol.asyncDispose]();
  expect([isAlive(ada), isAlive(ben)]).toEqual([false, true]);
  expect(registry.servers()[0]).toMatchObject({ sessions: 1 });
  await registry[Symbol.asyncDispose]();
  expect(isAlive(ben)).toBe(false);
});

test('one that dies is made again for the next call, and no other notices', async () => {
  await using bench = new Bench();
  await using registry = await opened(bench, [pushing]);
  await call(registry, 'ada', 'push__plain');
  const held = call(registry, 'ada', 'push__hold');
  await call(registry, 'ben', 'push__plain');
  const [ada = 0, ben = 0] = pidsOf(bench);
  process.kill(ada, 'SIGKILL');
  expect(await held).toContain('"cause":"connection-lost"');
  expect(await call(registry, 'ben', 'push__plain')).toContain('plain');
  expect(await call(registry, 'ada', 'push__plain')).toContain('plain');
  expect(pidsOf(bench)).toHaveLength(3);
  expect(isAlive(ben)).toBe(true);
  expect(registry.servers()[0]?.state).not.toBe('degraded');
});

test('an unused one ends', async () => {
  await using bench = new Bench();
  await using registry = await opened(bench, [pushing], { sessionLimits: { idleMs: 50 } });
  const held = call(registry, 'ben', 'push__hold');
  await call(registry, 'ada', 'push__plain');
  await until(() => registry.servers()[0]?.sessions === 1, 'the idle one has ended');
  await until(() => pidsOf(bench).filter(isAlive).length === 1, 'its process is gone');
  await call(registry, 'ben', 'push__release');
  expect(await held).toBe('held');
});

test('there are not more than the limit: one that is not used gives way, else the call is refused', async () => {
  await using bench = new Bench();
  await using registry = await opened(bench, [pushing], { sessionLimits: { most: 2, yieldMs: 0 } });
  const held = ['ada', 'ben'].map((session) => call(registry, session, 'push__hold'));
  await until(() => pidsOf(bench).length === 2, 'two are open');
  const refused = await call(registry, 'eve', 'push__plain');
  expect(refused).toContain('"code":"server-unavailable"');
  expect(refused).toContain('2 sessions of clients have a connection of their own');
  await call(registry, 'ada', 'push__release');
  await held[0];
  expect(await call(registry, 'eve', 'push__plain')).toContain('plain');
  expect(registry.servers()[0]).toMatchObject({ sessions: 2 });
  await call(registry, 'ben', 'push__release');
  expect(await held[1]).toBe('held');
});

test('a program that does not start any more is refused to all sessions after a few attempts', async () => {
  await using bench = new Bench();
  const program = join(bench.homeFolder, 'pushing.ts');
  copyFileSync(join(import.meta.dirname, '../fixtures/mcp/pushing.ts'), program);
  await using registry = await opened(bench, [{ ...pushing, args: [program] }]);
  rmSync(program);
  const refusals: string[] = [];
  for (const session of ['ada', 'ben', 'eve', 'joe'])
    refusals.push(await call(registry, session, 'push__plain'));
  expect(refusals[0]).toContain('exited with code 1');
  expect(refusals[3]).toContain('Several attempts to connect failed');
  expect(registry.servers()[0]).toMatchObject({ sessions: 0 });
});

describe('what belongs to a session', () => {
  test('is told to it alone: resources, log messages at its level', async () => {
    await using bench = new Bench();
    await using registry = await opened(bench, [everything]);
    await using ada = registry.openSession('ada');
    await using _ben = registry.openSession('ben');
    ada.setLogLevel('debug');
    const end = new AbortController();
    const heard: unknown[] = [];
    const hearing = (async () => {
      for await (const { params, session } of registry.messages(end.signal))
        heard.push([session, params['level']]);
    })();
    const changed: string[] = [];
    const watching = ['ada', 'ben'].map(async (session) => {
      const open = Promise.withResolvers<void>();
      const options = { client: { session }, onOpened: open.resolve };
      const done = (async () => {
        for await (const _ of registry.subscribe('note://one', end.signal, options)) changed.push(session);
      })();
      await open.promise;
      return done;
    });
    const opening = Promise.all(watching.map((one) => Promise.race([one, Promise.resolve()])));
    await opening;
    await call(registry, 'ada', 'all__log');
    await call(registry, 'ben', 'all__log');
    await until(() => {
      void call(registry, 'ben', 'all__touch');
      return changed.length > 0;
    }, 'the resource is seen to change');
    end.abort();
    await Promise.all([hearing, ...watching]);
    expect(new Set(changed)).toEqual(new Set(['ben']));
    expect(heard.filter((one) => (one as string[])[0] === 'ada')).toEqual([
      ['ada', 'debug'],
      ['ada', 'warning'],
    ]);
  });

  test('a change of its lists is one of the catalog', async () => {
    await using bench = new Bench();
    await using registry = await opened(bench, [everything]);
    const grown = (): boolean => registry.catalog().tools.some(({ name }) => name === 'all__grown');
    expect(grown()).toBe(false);
    await call(registry, 'ada', 'all__grow');
    await until(grown, 'the catalog has the tool');
    expect(registry.servers()[0]).toMatchObject({ sessions: 1 });
  });

  test('it is asked outside of its calls, and tells that its roots changed', async () => {
    await using bench = new Bench();
    await using registry = await opened(bench, [pushing]);
    const onInput: InputHandler = async ({ method }) => ({ roots: [{ uri: `file:///${method}` }] });
    await using ada = registry.openSession('ada', { onInput });
    expect(await call(registry, 'ada', 'push__roots')).toContain('file:///roots/list');
    ada.rootsChanged();
    const told = async (session: string): Promise<boolean> =>
      (await call(registry, session, 'push__received')).includes('notifications/roots/list_changed');
    expect(await told('ada')).toBe(true);
    expect(await told('ben')).toBe(false);
  });
});

test('an HTTP server has a session of its own for each', async () => {
  await using bench = new Bench();
  const { line } = await bench.start('everything', ['--http-sessions']);
  await using registry = await opened(bench, [httpServer('all', line, ISOLATED)]);
  const grown = async (session: string): Promise<string> => call(registry, session, 'all__grown');
  await call(registry, 'ada', 'all__grow');
  await until(() => registry.catalog().tools.some(({ name }) => name === 'all__grown'), 'it is listed');
  expect(await grown('ada')).toBe('grown');
  expect(await grown('ben')).toContain('not found');
});

test('a thousand sessions share one process of a server that is shared', async () => {
  await using bench = new Bench();
  await using registry = await opened(bench, [stdioServer('push', 'pushing')]);
  const pid = registry.servers()[0]?.pid;
  for (let count = 0; count < 1_000; count += 1) {
    const key = `session-${count}`;
    await using _session = registry.openSession(key);
    await call(registry, key, 'push__plain');
  }
  expect(registry.servers()[0]?.pid).toBe(pid);
  expect(bench.events('server-connected')).toHaveLength(1);
});

test('a shared server logs the most that any session wants, and no more when that one has gone', async () => {
  await using bench = new Bench();
  await using registry = await opened(bench, [stdioServer('push', 'pushing')]);
  await using ada = registry.openSession('ada');
  const ben = registry.openSession('ben');
  ada.setLogLevel('error');
  ben.setLogLevel('debug');
  ada.setLogLevel('warning');
  await ben[Symbol.asyncDispose]();
  await ada[Symbol.asyncDispose]();
  const received = (await call(registry, 'eve', 'push__received')).split('\n');
  const levels = received.flatMap((line) => /^logging\/setLevel (.*)/.exec(line)?.[1] ?? []);
  expect(levels).toEqual(['error', 'debug', 'warning', 'info']);
});

test('a server that becomes shared, or no longer is, serves on', async () => {
  await using bench = new Bench();
  await using registry = await opened(bench, [pushing]);
  await call(registry, 'ada', 'push__plain');
  const [own = 0] = pidsOf(bench);
  await registry.update({ servers: [stdioServer('push', 'pushing')] });
  expect(await call(registry, 'ada', 'push__plain')).toContain('plain');
  await until(() => !isAlive(own), 'the own process has ended');
  const shared = registry.servers()[0]?.pid ?? 0;
  await registry.update({ servers: [pushing] });
  expect(await call(registry, 'ada', 'push__plain')).toContain('plain');
  await until(() => !isAlive(shared), 'the shared process has ended');
});
