/** `naming: "bare"` over real servers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { type Registry, openRegistry } from '../../src/registry/index.ts';
import { Bench, stdioServer, until } from './fixture.ts';

const toolsOf = (registry: Registry): readonly string[] => registry.catalog().tools.map(({ name }) => name);

test('tools and prompts have their own names until a second server has them', async () => {
  await using bench = new Bench();
  const [one, two] = ['one', 'two'].map((name) => stdioServer(name, 'everything'));
  if (!one || !two) throw new Error('unreachable');
  await using registry = await openRegistry(bench.options([one], { naming: 'bare' }));
  await registry.ready();
  expect(toolsOf(registry)).toContain('add');
  expect(registry.catalog().prompts.map(({ name }) => name)).toEqual(['greet']);
  for (const name of ['add', 'one__add'])
    expect(await registry.call(name, { a: 40, b: 7 }, {})).toMatchObject({ type: 'complete' });
  expect(await registry.prompt('one__greet', { name: 'Ada' }, {})).toMatchObject({ type: 'complete' });

  await registry.update({ servers: [one, two] });
  await registry.ready();
  expect(toolsOf(registry).filter((name) => name.endsWith('add'))).toEqual(['one__add', 'two__add']);
  expect(await registry.call('add', { a: 1, b: 2 }, {})).toMatchObject({ code: 'unknown-tool' });
  expect(
    await registry.complete({ type: 'prompt', name: 'two__greet' }, { name: 'name', value: 'A' }, {}),
  ).toEqual(expect.objectContaining({ values: ['Ada', 'Alan'] }));
});

test('a name does not change because the server that it clashes with is down', async () => {
  await using bench = new Bench();
  const switchFile = join(bench.homeFolder, 'broken.js');
  writeFileSync(switchFile, '');
  const one = stdioServer('one', 'everything');
  const everything = stdioServer('two', 'everything');
  // Ends before it answers as soon as the file says so.
  const two = { ...everything, args: ['--import', switchFile, ...everything.args] };
  const options = bench.options([one, two], { naming: 'bare' });
  const before = await (async () => {
    await using registry = await openRegistry(options);
    await registry.ready();
    return registry.catalog();
  })();
  expect(before.tools.map(({ name }) => name)).toContain('two__add');

  writeFileSync(switchFile, 'process.exit(1);');
  await using registry = await openRegistry(options);
  await registry.ready({ fresh: true });
  expect(registry.servers()).toMatchObject([{ state: 'ready' }, { name: 'two', state: 'failed' }]);
  expect(registry.catalog().revision).toBe(before.revision);
  expect(await registry.call('one__add', { a: 1, b: 2 }, {})).toMatchObject({ type: 'complete' });
});

test('a change of the naming is told as a change of the lists, and the server stays connected', async () => {
  await using bench = new Bench();
  const one = stdioServer('one', 'everything');
  await using registry = await openRegistry(bench.options([one]));
  await registry.ready();
  const { pid } = registry.servers()[0] ?? {};
  const seen = new Set<string>();
  const stop = new AbortController();
  const reading = (async () => {
    for await (const { kind } of registry.changes(stop.signal)) seen.add(kind);
  })();
  await registry.update({ servers: [one], naming: 'bare' });
  expect(toolsOf(registry)).toContain('add');
  await until(() => seen.has('tools') && seen.has('prompts'), 'both lists were told of');
  expect(registry.servers()[0]?.pid).toBe(pid);
  await registry.update({ servers: [one] });
  expect(toolsOf(registry)).toContain('add');
  stop.abort();
  await reading;
});
