import { expect, test } from 'vitest';

import { gated } from '../../../src/host/model/gated.ts';
import type { Model, ModelEvent } from '../../../src/host/model/model.ts';
import { ProviderBreaker } from '../../../src/host/model/provider-breaker.ts';
import { RequestQueue } from '../../../src/host/model/request-queue.ts';

const { signal } = new AbortController();

/** What one request came to: the types of its events, or the message of what it threw. */
async function asked(model: Model): Promise<readonly string[]> {
  const types: string[] = [];
  try {
    for await (const { type } of model.stream({ messages: [], tools: [] }, { signal })) types.push(type);
  } catch (error) {
    types.push((error as Error).message);
  }
  return types;
}

/** Streams of which each ends like this at once. */
function gatedModel(next: () => Promise<IteratorResult<ModelEvent>>): Model {
  const stream = (): AsyncIterable<ModelEvent> => ({ [Symbol.asyncIterator]: () => ({ next }) });
  const model: Model = { id: 'a/b', limits: { maxTools: 1 }, costUsd: async () => 0, stream };
  const queue = new RequestQueue(() => ({ maxConcurrent: 1 }));
  return gated(model, { breaker: new ProviderBreaker('a'), queues: [queue] });
}

test('a stream that throws gives its place in the queue to the next request', async () => {
  const model = gatedModel(() => Promise.reject(new Error('a fault of ours')));
  expect(await asked(model)).toEqual(['a fault of ours']);
  expect(await asked(model)).toEqual(['a fault of ours']);
});

test('a stream that ends without a last word gives its place in the queue to the next request', async () => {
  const model = gatedModel(async () => ({ done: true, value: undefined }));
  expect(await asked(model)).toEqual([]);
  expect(await asked(model)).toEqual([]);
});
