import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { fallback } from '../../../src/host/model/fallback.ts';
import { idleTimeout } from '../../../src/host/model/idle-timeout.ts';
import { retry } from '../../../src/host/model/retry.ts';
import { type ModelReply, startModelServer } from '../../fixtures/model/model-server.ts';
import { ask, readAnswer } from './read-answer.ts';
import { TEST_KEY, WIRES } from './wire-models.ts';

const FAST = { initialDelayMs: 1, maxDelayMs: 5 };
const ANSWER: ModelReply = { type: 'answer', text: 'Here I am.' };
const inTurn = (...replies: readonly ModelReply[]) =>
  startModelServer({ script: (_, n) => replies[Math.min(n, replies.length - 1)] ?? ANSWER });

describe.each(WIRES)('$wire', ({ wire, model }) => {
  test('a server that fails for ever is asked three times, then the failure is passed on', async () => {
    await using server = await inTurn({ type: 'failure', status: 500 });
    const { failure, events } = await readAnswer(retry(model(server), FAST));
    expect(failure).toMatchObject({ code: 'server-error' });
    expect(server.requests).toHaveLength(3);
    expect(events.map(({ type }) => type)).toEqual(['restart', 'restart', 'error']);
  });

  test('a refused key is not tried again', async () => {
    await using server = await inTurn({ type: 'failure', status: 401 });
    expect((await readAnswer(retry(model(server), FAST))).failure).toMatchObject({ code: 'authentication' });
    expect(server.requests).toHaveLength(1);
  });

  test('a retry-after beyond the cap is not waited for', async () => {
    await using server = await inTurn({ type: 'failure', status: 429, headers: { 'retry-after': '3600' } });
    expect((await readAnswer(retry(model(server), FAST))).failure).toMatchObject({ retryAfterMs: 3_600_000 });
    expect(server.requests).toHaveLength(1);
  });

  test('429 with retry-after is waited for as long as it says, then answered', async () => {
    await using server = await inTurn(
      { type: 'failure', status: 429, headers: { 'retry-after-ms': '120' } },
      ANSWER,
    );
    const startedAt = performance.now();
    const { text, events } = await readAnswer(retry(model(server), FAST));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(115);
    expect(text).toBe('Here I am.');
    expect(events[0]).toMatchObject({
      type: 'restart',
      reason: 'retry',
      delayMs: 120,
      failure: { code: 'rate-limited' },
    });
  });

  test('cancelling while waiting ends at once', async () => {
    await using server = await inTurn({ type: 'failure', status: 429, headers: { 'retry-after': '30' } });
    const controller = new AbortController();
    const startedAt = performance.now();
    const reading = readAnswer(retry(model(server), FAST), ask('Hello'), controller.signal);
    while (server.requests.length === 0) await delay(2);
    controller.abort();
    expect((await reading).failure).toMatchObject({ code: 'cancelled' });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test('what streamed before the cut is void: the reader sees a restart, then the whole answer', async () => {
    const cut: ModelReply = {
      type: 'answer',
      text: 'Here I',
      interrupt: { after: wire === 'anthropic' ? 5 : 3, by: 'reset' },
    };
    await using server = await inTurn(cut, ANSWER);
    const { events, text, end } = await readAnswer(retry(model(server), FAST));
    const restart = events.findIndex(({ type }) => type === 'restart');
    expect(restart).toBeGreaterThan(0);
    expect(text).toBe('Here I am.');
    expect(end?.message.content).toEqual([{ type: 'text', text: 'Here I am.' }]);
  });

  test.each([
    ['never answers', { type: 'silence' }],
    ['stalls in mid-answer', { type: 'answer', text: 'a b c', interrupt: { after: 4, by: 'stall' } }],
  ] as const)(
    'a model that %s times out, its connection is closed, and it is asked again',
    async (_, reply) => {
      await using server = await inTurn(reply, ANSWER);
      const { events, text } = await readAnswer(retry(idleTimeout(model(server), 100), FAST));
      expect(events.find(({ type }) => type === 'restart')).toMatchObject({
        failure: { code: 'timeout', retryable: true },
      });
      expect(text).toBe('Here I am.');
      await expect(server.requests[0]?.closed).resolves.toBe('aborted');
    },
  );

  test('a slow reader is no stall', async () => {
    await using server = await inTurn(ANSWER);
    const slow = retry(idleTimeout(model(server), 2_000), FAST);
    const types: string[] = [];
    for await (const event of slow.stream(ask('Hello'), { signal: new AbortController().signal })) {
      types.push(event.type);
      if (types.length === 1) await delay(2_500);
    }
    expect(types.at(-1)).toBe('message-end');
    expect(types).not.toContain('restart');
  });
});

describe('fallback', () => {
  const [anthropic, openai] = WIRES;
  if (anthropic === undefined || openai === undefined) throw new Error('two wires expected');

  test('an overloaded provider is left for the next, which the reader is told', async () => {
    await using busy = await inTurn({ type: 'failure', status: 529, code: 'overloaded_error' });
    await using free = await inTurn(ANSWER);
    const both = fallback([retry(anthropic.model(busy), FAST), openai.model(free)]);
    const { events, text, end } = await readAnswer(both);
    expect(busy.requests).toHaveLength(3);
    expect(events.flatMap((event) => (event.type === 'restart' ? [event.reason] : []))).toEqual([
      'retry',
      'retry',
      'fallback',
    ]);
    expect(events.findLast(({ type }) => type === 'restart')).toMatchObject({
      model: 'openai/gpt-6-sol',
      failure: { code: 'overloaded', model: 'anthropic/claude-sonnet-5' },
    });
    expect(text).toBe('Here I am.');
    expect(end?.model).toBe('openai/gpt-6-sol');
  });

  test('when all fail, the last failure names each of them and no key', async () => {
    await using first = await inTurn({ type: 'failure', status: 401, message: `bad key ${TEST_KEY}` });
    await using second = await inTurn({ type: 'failure', status: 400, message: 'no such field' });
    const { failure } = await readAnswer(fallback([anthropic.model(first), openai.model(second)]));
    expect(failure).toMatchObject({ code: 'invalid-request', retryable: false });
    expect(failure?.message).toMatch(
      /All 2 models failed.*anthropic\/claude-sonnet-5.*openai\/gpt-6-sol.*no such field/,
    );
    expect(failure?.message).not.toContain(TEST_KEY);
  });

  test('a cancelled request goes to no one else', async () => {
    await using first = await inTurn({ type: 'silence' });
    await using second = await inTurn(ANSWER);
    const controller = new AbortController();
    const reading = readAnswer(
      fallback([anthropic.model(first), openai.model(second)]),
      ask('Hello'),
      controller.signal,
    );
    while (first.requests.length === 0) await delay(2);
    controller.abort();
    expect((await reading).failure).toMatchObject({ code: 'cancelled' });
    expect(second.requests).toHaveLength(0);
  });

  test('its limits are what every candidate can do', () => {
    const small = {
      ...openai.model({ url: '', openaiUrl: 'http://127.0.0.1:9/v1' }),
      limits: { maxTools: 10, contextWindowTokens: 8000 },
    };
    const large = {
      ...small,
      limits: { maxTools: 500, contextWindowTokens: 200_000, maxOutputTokens: 64_000 },
    };
    expect(fallback([large, small]).limits).toEqual({
      maxTools: 10,
      accepts: { images: true, audio: false },
      contextWindowTokens: 8000,
      maxOutputTokens: 64_000,
    });
    expect(fallback([large])).toBe(large);
  });
});
