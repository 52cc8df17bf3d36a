import { expect, test } from 'vitest';

import type { HostError } from '../../../src/errors.ts';
import type { RunContext } from '../../../src/host/context.ts';
import { eventsOf, openTestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const script = () => ({ type: 'answer', text: 'unused' }) as const;

test('a key that another input has is refused, and nothing begins', async () => {
  let begun = 0;
  await using opened = await openTestHost({ script, workflows: { count: async () => ++begun } });
  const { host } = opened;
  await (await host.run('count', ['a'], { key: 'november' })).result;
  await expect(host.run('count', ['b'], { key: 'november' })).rejects.toMatchObject({
    code: 'key-used',
    message: expect.stringContaining('another input'),
  });
  expect(begun).toBe(1);
});

test('work that has ended is told as it ended, also by another host, and is not done again', async () => {
  await using folder = await temporaryFolder('keyed');
  let begun = 0;
  const count = async (context: RunContext): Promise<number> => context.step('count', async () => ++begun);
  const fail = async (): Promise<string> => {
    begun += 1;
    throw new Error('no such page');
  };
  const workflows = { count, fail };
  for (let host = 1; host <= 2; host += 1) {
    await using opened = await openTestHost({ script, workflows, folder: folder.path });
    const done = await opened.host.run('count', null, { key: 'november' });
    expect(await done.result).toMatchObject({ type: 'done', output: 1, runId: done.id });
    const failed = await opened.host.run('fail', null, { key: 'november' });
    expect(await failed.result).toMatchObject({ type: 'failed', error: { message: 'no such page' } });
    const told = await eventsOf(done);
    expect(told.at(0)?.type).toBe('run-start');
    expect(told.at(-1)?.type).toBe('run-end');
  }
  expect(begun).toBe(2);
});

test('work that was left goes on where it was, and another key is other work', async () => {
  await using folder = await temporaryFolder('keyed');
  const made: string[] = [];
  const wait = async (context: RunContext, name: string): Promise<string> => {
    await context.step('make', async () => {
      made.push(name);
      return null;
    });
    return context.waitFor<string>('answer');
  };
  const options = { script, workflows: { wait }, folder: folder.path };
  let id: string;
  {
    await using opened = await openTestHost(options);
    const left = await opened.host.run('wait', 'a', { key: 'a', onWait: 'leave' });
    expect(await left.result).toMatchObject({ type: 'suspended', reason: 'waiting' });
    id = left.id;
  }
  await using opened = await openTestHost(options);
  const { host } = opened;
  const again = await host.run('wait', 'a', { key: 'a' });
  expect(await host.run('wait', 'a', { key: 'a' })).toBe(again);
  await host.engine.signal(id, 'answer', 'yes');
  expect(await again.result).toMatchObject({ type: 'done', output: 'yes', runId: id });
  const other = await host.run('wait', 'b', { key: 'b', onWait: 'leave' });
  await other.result;
  expect(made).toEqual(['a', 'b']);
});

test('of two hosts that begin the same work at the same moment one has it', async () => {
  await using folder = await temporaryFolder('keyed');
  let begun = 0;
  const work = async (context: RunContext): Promise<string> => {
    begun += 1;
    return context.waitFor<string>('answer');
  };
  const options = { script, workflows: { work }, folder: folder.path };
  await using first = await openTestHost(options);
  await using second = await openTestHost(options);
  // The one that has it waits.
  const refused = [first, second].map(async ({ host }) => {
    try {
      const outcome = await (await host.run('work', null, { key: 'once' })).result;
      return outcome.type === 'failed' ? outcome.error.code : outcome.type;
    } catch (error) {
      return (error as HostError).code;
    }
  });
  expect(await Promise.race(refused)).toBe('run-owned');
  await expect.poll(() => begun).toBe(1);
});
