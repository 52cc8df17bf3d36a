import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { RequestLimits } from '../../../src/config/model-limits.ts';
import { type Permit, RequestQueue } from '../../../src/host/model/request-queue.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;

/** Asks for a permit under a name, and notes when it comes. */
function asking(limits: RequestLimits) {
  const queue = new RequestQueue(() => limits);
  const started: string[] = [];
  const ask = async (name: string, { tokens = 0, signal = never } = {}): Promise<Permit> => {
    const permit = await queue.acquire(tokens, signal);
    started.push(name);
    return permit;
  };
  return { queue, started, ask };
}

test('no more than so many are under way, the others come in the order in which they asked', async () => {
  const { started, ask } = asking({ maxConcurrent: 2 });
  const [first] = await Promise.all(['a', 'b'].map((name) => ask(name)));
  const later = ['c', 'd'].map((name) => ask(name));
  await vi.advanceTimersByTimeAsync(100_000);
  expect(started).toEqual(['a', 'b']);
  first?.release();
  (await later[0])?.release();
  await later[1];
  expect(started).toEqual(['a', 'b', 'c', 'd']);
});

test('who gives up while waiting leaves the queue, and those behind move up', async () => {
  const { started, ask } = asking({ maxConcurrent: 1 });
  const first = await ask('a');
  const controller = new AbortController();
  const leaving = ask('b', { signal: controller.signal });
  const staying = ask('c');
  controller.abort(new Error('enough'));
  await expect(leaving).rejects.toThrow('enough');
  first.release();
  await staying;
  expect(started).toEqual(['a', 'c']);
  await expect(ask('d', { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
});

test('within any minute there are no more than so many requests', async () => {
  const { started, ask } = asking({ requestsPerMinute: 2 });
  await ask('a');
  await vi.advanceTimersByTimeAsync(40_000);
  await ask('b');
  void ask('c');
  void ask('d');
  await vi.advanceTimersByTimeAsync(19_000);
  expect(started).toEqual(['a', 'b']);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(started).toEqual(['a', 'b', 'c']);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(started).toEqual(['a', 'b', 'c', 'd']);
});

test('tokens count as they were estimated, then as the provider counted them', async () => {
  const { started, ask } = asking({ tokensPerMinute: 1_000 });
  const first = await ask('a', { tokens: 300 });
  first.release(900);
  await vi.advanceTimersByTimeAsync(10_000);
  void ask('b', { tokens: 200 });
  await vi.advanceTimersByTimeAsync(49_000);
  expect(started).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(started).toEqual(['a', 'b']);
});

test('a request that is larger than the limit of a minute goes alone, and not never', async () => {
  const { started, ask } = asking({ tokensPerMinute: 1_000 });
  await ask('a', { tokens: 10 });
  void ask('b', { tokens: 5_000 });
  await vi.advanceTimersByTimeAsync(50_000);
  expect(started).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(started).toEqual(['a', 'b']);
});

test('after a pause one request shows that it is over, before the others go', async () => {
  const { queue, started, ask } = asking({});
  queue.pause(5_000);
  const waiting = ['a', 'b', 'c'].map((name) => ask(name));
  await vi.advanceTimersByTimeAsync(4_900);
  expect(started).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(started).toEqual(['a']);
  (await waiting[0])?.accepted();
  await Promise.all(waiting);
  expect(started).toEqual(['a', 'b', 'c']);
});

test('where the request after a pause fails, the next one tries alone again', async () => {
  const { queue, started, ask } = asking({});
  queue.pause(1_000);
  const waiting = ['a', 'b', 'c'].map((name) => ask(name));
  await vi.advanceTimersByTimeAsync(1_100);
  (await waiting[0])?.release();
  await waiting[1];
  expect(started).toEqual(['a', 'b']);
});

test('nobody waits for a provider that wants an hour', async () => {
  const { queue, ask } = asking({});
  queue.pause(1_000);
  const early = ask('a');
  queue.pause(3_600_000);
  await expect(early).rejects.toMatchObject({ waitMs: expect.closeTo(3_600_000, -3) });
  await expect(ask('b')).rejects.toMatchObject({ waitMs: expect.closeTo(3_600_000, -3) });
});

test('an edit of the limits counts for who waits', async () => {
  let limits: RequestLimits = { maxConcurrent: 1 };
  const queue = new RequestQueue(() => limits);
  await queue.acquire(0, never);
  const second = Promise.resolve(queue.acquire(0, never));
  limits = { maxConcurrent: 3 };
  const third = Promise.resolve(queue.acquire(0, never));
  await Promise.all([second, third]);
});

test('a provider that asks to wait for years is tried again after an hour', async () => {
  const { queue, started, ask } = asking({});
  queue.pause(1_790_000_000_000);
  await expect(ask('a')).rejects.toThrow('refused');
  await vi.advanceTimersByTimeAsync(3_600_000);
  void ask('b');
  await vi.advanceTimersByTimeAsync(0);
  expect(started).toEqual(['b']);
});
