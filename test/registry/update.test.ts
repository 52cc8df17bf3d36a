import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { type Registry, openRegistry } from '../../src/registry/index.ts';
import { Bench, isAlive, stdioServer, until } from './fixture.ts';

function pidOf(registry: Registry, name: string): number {
  const { pid } = registry.servers().find((server) => server.name === name) ?? {};
  if (pid === undefined) throw new Error(`'${name}' has no process`);
  return pid;
}

function toolsOf(registry: Registry): readonly string[] {
  return registry.catalog().tools.map(({ name }) => name);
}

test('of three servers the one that changed is started anew; the others keep their processes and their calls', async () => {
  await using bench = new Bench();
  const ledger = join(bench.homeFolder, 'ledger');
  const one = stdioServer('one', 'everything');
  const two = stdioServer('two', 'agent-tools', [ledger]);
  const three = stdioServer('three', 'everything');
  await using registry = await openRegistry(bench.options([one, two, three]));
  await registry.ready();
  const [first, second, third] = ['one', 'two', 'three'].map((name) => pidOf(registry, name));

  const slow = registry.call('two__weather', { city: 'Slow' }, {});
  const waiting = registry.call('three__wait', {}, {});
  await until(() => {
    try {
      return readFileSync(ledger, 'utf8').includes('weather-start Slow');
    } catch {
      return false;
    }
  }, 'the slow call is under way');
  await registry.update({ servers: [one, { ...two }, { ...three, env: { MARK: 'changed' } }] });

  expect(isAlive(third ?? 0)).toBe(false);
  expect(await waiting).toMatchObject({ type: 'uncertain' });
  expect(await slow).toMatchObject({ type: 'complete' });
  expect(pidOf(registry, 'one')).toBe(first);
  expect(pidOf(registry, 'two')).toBe(second);
  // Its entries are unknown under the changed definition, so it is started when they are asked for.
  await registry.ready();
  expect(pidOf(registry, 'three')).not.toBe(third);
  expect(await registry.call('three__add', { a: 1, b: 2 }, {})).toMatchObject({ type: 'complete' });
});

test('a removed server vanishes with its process, an added one appears, and the order stays', async () => {
  await using bench = new Bench();
  const [alpha, beta, gamma] = ['alpha', 'beta', 'gamma'].map((name) => stdioServer(name, 'everything'));
  if (!alpha || !beta || !gamma) throw new Error('unreachable');
  await using registry = await openRegistry(bench.options([alpha, gamma]));
  await registry.ready();
  const kept = pidOf(registry, 'gamma');
  const removed = pidOf(registry, 'alpha');
  const { revision } = registry.catalog();
  const seen = new Set<string>();
  const stop = new AbortController();
  const reading = (async () => {
    for await (const change of registry.changes(stop.signal)) seen.add(`${change.server} ${change.kind}`);
  })();

  await registry.update({ servers: [beta, gamma] });
  expect(toolsOf(registry).some((name) => name.startsWith('alpha__'))).toBe(false);
  expect(isAlive(removed)).toBe(false);
  expect(await registry.call('alpha__add', { a: 1, b: 2 }, {})).toMatchObject({ code: 'unknown-tool' });
  await registry.ready();
  expect(registry.catalog().revision).not.toBe(revision);
  expect(toolsOf(registry)).toEqual([...toolsOf(registry)].sort());
  expect(toolsOf(registry)).toContain('beta__add');
  expect(pidOf(registry, 'gamma')).toBe(kept);
  await until(() => seen.has('alpha tools') && seen.has('beta tools'), 'both changes were told');
  expect(seen.has('gamma tools')).toBe(false);
  stop.abort();
  await reading;

  await registry.update({ servers: [alpha, gamma] });
  await registry.ready();
  expect(registry.catalog().revision).toBe(revision);
});

test('filters, trust, time limit and the length of names apply without a new process', async () => {
  await using bench = new Bench();
  const one = stdioServer('one', 'everything');
  await using registry = await openRegistry(bench.options([one]));
  await registry.ready();
  const pid = pidOf(registry, 'one');
  await registry.update({
    servers: [{ ...one, tools: { deny: ['add'] }, trust: 'none', timeoutMs: 200 }],
    maxNameLength: 16,
  });
  expect(pidOf(registry, 'one')).toBe(pid);
  expect(toolsOf(registry)).not.toContain('one__add');
  expect(registry.catalog().tools.every(({ annotationsTrusted }) => !annotationsTrusted)).toBe(true);
  expect(Math.max(...toolsOf(registry).map(({ length }) => length))).toBeLessThanOrEqual(16);
  expect(await registry.call('one__wait', {}, {})).toMatchObject({ type: 'uncertain', cause: 'timeout' });
});

test('a disabled server ends, and starts again when it is enabled', async () => {
  await using bench = new Bench();
  const one = stdioServer('one', 'everything');
  await using registry = await openRegistry(bench.options([one]));
  await registry.ready();
  const pid = pidOf(registry, 'one');
  await registry.update({ servers: [{ ...one, disabled: true }] });
  expect(isAlive(pid)).toBe(false);
  expect(registry.servers()).toMatchObject([{ name: 'one', state: 'disabled' }]);
  expect(toolsOf(registry)).toEqual([]);
  await registry.update({ servers: [{ ...one, start: 'at-start' }] });
  // Known from before, and started at once all the same.
  expect(toolsOf(registry)).toContain('one__add');
  await until(() => registry.servers()[0]?.state === 'ready', 'it is connected');
});

test('who watches a resource goes on after its server changed, and ends when the server is gone', async () => {
  await using bench = new Bench();
  const one = stdioServer('one', 'everything', ['--legacy']);
  await using registry = await openRegistry(bench.options([one]));
  await registry.ready();
  const watched = registry.subscribe('note://one', new AbortController().signal)[Symbol.asyncIterator]();
  const first = watched.next();
  await until(() => registry.servers()[0]?.state === 'ready', 'it is connected');
  await registry.call('one__touch', {}, {});
  expect(await first).toMatchObject({ value: { uri: 'note://one' } });
  const second = watched.next();
  await registry.update({ servers: [{ ...one, env: { MARK: 'changed' } }] });
  await registry.ready();
  await registry.call('one__touch', {}, {});
  expect(await second).toMatchObject({ value: { uri: 'note://one' } });
  const third = watched.next();
  await registry.update({ servers: [] });
  expect(await third).toMatchObject({ done: true });
});

test('closing while an update runs leaves no process behind', async () => {
  await using bench = new Bench();
  const registry = await openRegistry(bench.options([stdioServer('one', 'everything')]));
  await registry.ready();
  const pid = pidOf(registry, 'one');
  const updating = registry.update({
    servers: [stdioServer('two', 'everything', [], { start: 'at-start' })],
  });
  await registry[Symbol.asyncDispose]();
  await updating;
  expect(isAlive(pid)).toBe(false);
  await registry.update({ servers: [stdioServer('three', 'everything')] });
  expect(registry.servers().map(({ name }) => name)).toEqual(['two']);
});
