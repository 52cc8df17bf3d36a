import { expect, test } from 'vitest';

import { untilAborted } from '../../../src/host/client-run/until-aborted.ts';

test('what gives nothing is waited for no longer when the signal aborts', async () => {
  const controller = new AbortController();
  const waiting = Promise.withResolvers<void>();
  async function* once(): AsyncGenerator<string> {
    yield 'one';
    waiting.resolve();
    await new Promise(() => undefined);
  }
  const got: string[] = [];
  const reading = (async () => {
    for await (const item of untilAborted(once(), controller.signal)) got.push(item);
  })();
  await waiting.promise;
  controller.abort();
  await reading;
  expect(got).toEqual(['one']);
});

test('it ends and fails with what it reads', async () => {
  const { signal } = new AbortController();
  async function* numbers(): AsyncGenerator<number> {
    yield 1;
    yield 2;
    throw new Error('no three');
  }
  const got: number[] = [];
  await expect(
    (async () => {
      for await (const item of untilAborted(numbers(), signal)) got.push(item);
    })(),
  ).rejects.toThrow('no three');
  expect(got).toEqual([1, 2]);
});
