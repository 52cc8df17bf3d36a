/** Updates of a resource of a real server. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { ResourceTriggerConfig } from '../../../../../src/config/trigger-resource-schema.ts';
import { openState, type State } from '../../../../../src/host/state.ts';
import type { TriggerSource } from '../../../../../src/host/trigger/source.ts';
import { openResourceSource } from '../../../../../src/host/trigger/source/resource/resource-source.ts';
import { createSourceMemory, type SourceMemory } from '../../../../../src/host/trigger/source-memory.ts';
import { openRegistry, type Registry } from '../../../../../src/registry/index.ts';
import { type RecordingSource, recordingSource } from '../../../../fixtures/recording-source.ts';
import { Bench, stdioServer } from '../../../../registry/fixture.ts';

const URI = 'note://one';

let bench: Bench;
let state: State;
let memory: SourceMemory;
let registry: Registry;
let told: RecordingSource;
let source: TriggerSource | undefined;
let file: string;

beforeEach(() => {
  bench = new Bench();
  file = join(bench.homeFolder, 'note.txt');
  writeFileSync(file, 'one');
  state = openState(bench.homeFolder);
  memory = createSourceMemory(state, { configFile: '/config.json', trigger: 'note' });
  told = recordingSource('note');
});
afterEach(async () => {
  await stop();
  state[Symbol.dispose]();
  await bench[Symbol.asyncDispose]();
});

const server = (flags: readonly string[] = []) => stdioServer('noted', 'noted', [file, ...flags]);

async function start(
  settings: Partial<ResourceTriggerConfig> = {},
  flags: readonly string[] = [],
): Promise<void> {
  registry = await openRegistry(bench.options([server(flags)]));
  source = await openResourceSource({ uri: URI, ...settings }, told, { registry, memory });
}

async function stop(): Promise<void> {
  await source?.[Symbol.asyncDispose]();
  source = undefined;
  await registry?.[Symbol.asyncDispose]();
}

const texts = () => told.events.map(({ data }) => data['text']);
const codes = () => told.problems.map(({ code }) => code);

describe.each([
  ['a server of the modern era', []],
  ['one of the 2025 era', ['--legacy']],
])('%s', (_era, flags) => {
  test('each other content is told once with its text, and what it is like at first is not', async () => {
    await start({}, flags);
    writeFileSync(file, 'two');
    await expect.poll(texts).toEqual(['two']);
    writeFileSync(file, 'three');
    await expect.poll(texts).toEqual(['two', 'three']);
    expect(told.events[0]?.data).toEqual({ uri: URI, mimeType: 'text/plain', text: 'two', isCut: false });
    expect(told.problems).toEqual([]);
  });

  test('what changed while the server was dead is told when it is back, and the outage once', async () => {
    await start({}, flags);
    writeFileSync(`${file}.down`, '');
    process.kill(pid(), 'SIGKILL');
    await expect.poll(codes, { timeout: 40_000 }).toContain('resource-unavailable');
    writeFileSync(file, 'while it was dead');
    rmSync(`${file}.down`);
    await expect.poll(texts, { timeout: 50_000 }).toEqual(['while it was dead']);
    writeFileSync(file, 'after it');
    await expect.poll(texts).toEqual(['while it was dead', 'after it']);
    expect(codes().filter((code) => code === 'resource-unavailable')).toHaveLength(1);
  });
});

test('a content that comes back after another one is told again', async () => {
  await start();
  for (const text of ['bad', 'good', 'bad']) {
    const { length } = told.events;
    writeFileSync(file, text);
    await expect.poll(() => told.events.length).toBe(length + 1);
  }
  expect(texts()).toEqual(['bad', 'good', 'bad']);
});

test('a server that tells of updates that are none starts nothing', async () => {
  await start({}, ['--chatty']);
  writeFileSync(file, 'two');
  await expect.poll(texts).toEqual(['two']);
  writeFileSync(file, 'three');
  await expect.poll(texts).toEqual(['two', 'three']);
  expect(told.deliveries).toHaveLength(2);
});

test('what changed while nothing ran is told at the next start, and only then', async () => {
  await start();
  await stop();
  writeFileSync(file, 'meanwhile');
  await start();
  await expect.poll(texts).toEqual(['meanwhile']);
  await stop();
  await start();
  writeFileSync(file, 'later');
  await expect.poll(texts).toEqual(['meanwhile', 'later']);
  expect(told.deliveries).toHaveLength(2);
});

test('with "skip" it is not told, and what changes from then on is', async () => {
  await start();
  await stop();
  writeFileSync(file, 'meanwhile');
  await start({ missed: 'skip' });
  writeFileSync(file, 'later');
  await expect.poll(texts).toEqual(['later']);
});

test('an event that was taken right before a crash is the same one after it', async () => {
  await start();
  const before = memory.all().get(URI);
  writeFileSync(file, 'two');
  await expect.poll(texts).toEqual(['two']);
  await stop();
  await memory.put([[URI, before]]);
  await start();
  await expect.poll(() => told.deliveries.length).toBe(2);
  expect(texts()).toEqual(['two']);
});

test('an update that cannot be written down is told again until it can', async () => {
  await start();
  told.isFull = true;
  writeFileSync(file, 'two');
  await expect.poll(codes).toEqual(['event-not-written']);
  told.isFull = false;
  await expect.poll(texts).toEqual(['two']);
});

test('a server that offers no subscriptions is read from time to time, and that is told once', async () => {
  await start({ pollMs: 100 }, ['--deaf']);
  writeFileSync(file, 'two');
  await expect.poll(texts).toEqual(['two']);
  writeFileSync(file, 'three');
  await expect.poll(texts).toEqual(['two', 'three']);
  expect(codes()).toEqual(['resource-polled']);
  expect(told.problems[0]?.message).toContain('offers no subscriptions');
});

test('a server that is not up at the start is told and watched when it is', async () => {
  writeFileSync(`${file}.down`, '');
  await start();
  expect(codes()).toEqual(['resource-unavailable']);
  expect(told.events).toEqual([]);
  rmSync(`${file}.down`);
  await expect.poll(() => memory.all().get(URI), { timeout: 50_000 }).toBeDefined();
  writeFileSync(file, 'two');
  await expect.poll(texts).toEqual(['two']);
});

test('a resource that cannot be read at the moment is told, and read when it can be', async () => {
  await start({}, ['--chatty']);
  rmSync(file);
  await expect.poll(codes).toEqual(['resource-unreadable']);
  writeFileSync(file, 'again');
  await expect.poll(texts).toEqual(['again']);
});

test('a resource that nobody has is told with those that there are', async () => {
  await start({ uri: 'note://other' });
  expect(told.problems).toMatchObject([
    { code: 'resource-unavailable', message: expect.stringContaining('note://other') },
  ]);
});

test('one that is in no list is found by its server', async () => {
  await start({ uri: 'hidden://x', server: 'noted', pollMs: 100 }, ['--deaf']);
  writeFileSync(file, 'two');
  await expect.poll(texts).toEqual(['two']);
  expect(told.events[0]?.data).toMatchObject({ uri: 'hidden://x', server: 'noted' });
});

test('a long text is cut, and says so; none is told where none is wanted', async () => {
  await start({ maxTextLength: 5 });
  writeFileSync(file, 'four😀 and more');
  await expect.poll(texts).toEqual(['four…']);
  expect(told.events[0]?.data).toMatchObject({ isCut: true, length: 15 });
  await stop();
  await start({ text: false });
  writeFileSync(file, 'two');
  await expect.poll(() => told.events.length).toBe(2);
  expect(told.events[1]?.data).toEqual({ uri: URI, mimeType: 'text/plain' });
});

test('nothing is told after the end, and the end does not wait for a server', async () => {
  await start();
  told.isFull = true;
  writeFileSync(file, 'two');
  await expect.poll(codes).toEqual(['event-not-written']);
  await source?.[Symbol.asyncDispose]();
  told.isFull = false;
  expect(registry.servers()[0]?.state).toBe('ready');
  expect(told.events).toEqual([]);
});

function pid(): number {
  const found = registry.servers()[0]?.pid;
  if (found === undefined) throw new Error('The server has no process.');
  return found;
}
