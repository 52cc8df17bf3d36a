import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { ModelEvent, StopReason } from '../../../src/host/model/model.ts';
import { type ModelReply, startModelServer } from '../../fixtures/model/model-server.ts';
import { ask, readAnswer } from './read-answer.ts';
import { TEST_KEY, WIRES } from './wire-models.ts';

const TOOLS = [
  {
    name: 'web__fetch',
    description: 'Fetch a page',
    inputSchema: { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] },
  },
] as const;

const STOP_REASONS: Readonly<Record<'anthropic' | 'openai', readonly (readonly [string, StopReason])[]>> = {
  anthropic: [
    ['end_turn', 'end'],
    ['max_tokens', 'max-tokens'],
    ['model_context_window_exceeded', 'max-tokens'],
    ['stop_sequence', 'stop-sequence'],
    ['pause_turn', 'pause'],
    ['refusal', 'refusal'],
    ['never_heard', 'other'],
  ],
  openai: [
    ['stop', 'end'],
    ['length', 'max-tokens'],
    ['content_filter', 'refusal'],
    ['never_heard', 'other'],
  ],
};

describe.each(WIRES)('$wire', ({ wire, model }) => {
  const answering = (reply: ModelReply) => startModelServer({ script: () => reply });

  test('a refused key says which variable to check and never shows the key', async () => {
    await using server = await answering({
      type: 'failure',
      status: 401,
      code: wire === 'anthropic' ? 'authentication_error' : 'invalid_api_key',
      message: `Incorrect API key provided: ${TEST_KEY}`,
    });
    const { failure } = await readAnswer(model(server));
    expect(failure).toMatchObject({ code: 'authentication', retryable: false, status: 401 });
    expect(failure?.message).toContain(wire === 'anthropic' ? 'ANTHROPIC_API_KEY' : 'OPENAI_API_KEY');
    expect(JSON.stringify(failure)).not.toContain('0123456789abcdef');
  });

  test.each([
    [400, 'invalid-request', false],
    [403, 'permission', false],
    [404, 'not-found', false],
    [413, 'context-overflow', false],
    [429, 'rate-limited', true],
    [500, 'server-error', true],
    [503, 'overloaded', true],
    [529, 'overloaded', true],
  ] as const)('status %i is %s', async (status, code, retryable) => {
    await using server = await answering({ type: 'failure', status, code: 'unheard_of' });
    const { failure } = await readAnswer(model(server));
    expect(failure).toMatchObject({ code, retryable, status });
  });

  test('a prompt that is too long is a context overflow', async () => {
    await using server = await answering({
      type: 'failure',
      status: 400,
      code: wire === 'anthropic' ? 'invalid_request_error' : 'context_length_exceeded',
      message: 'prompt is too long: 210000 tokens > 200000 maximum',
    });
    expect((await readAnswer(model(server))).failure).toMatchObject({
      code: 'context-overflow',
      retryable: false,
    });
  });

  test('retry-after is passed on', async () => {
    await using server = await answering({ type: 'failure', status: 429, headers: { 'retry-after': '7' } });
    expect((await readAnswer(model(server))).failure).toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 7000,
    });
  });

  test('a server that is not there is a failed connection', async () => {
    const { failure } = await readAnswer(
      model({ url: 'http://127.0.0.1:9', openaiUrl: 'http://127.0.0.1:9/v1' }),
    );
    expect(failure).toMatchObject({ code: 'connection', retryable: true });
    expect(failure?.message).toContain('127.0.0.1:9');
  });

  test.each(['reset', 'end', 'error-event'] as const)(
    'half a tool call, then %s, is a failure that may be retried',
    async (by) => {
      await using server = await answering({
        type: 'answer',
        text: 'I will look.',
        toolCalls: [{ name: 'web__fetch', arguments: { url: 'http://example.org/' } }],
        interrupt: { after: 'arguments', by },
      });
      const { failure, events } = await readAnswer(model(server), ask('Look', { tools: TOOLS }));
      expect(failure).toMatchObject({ retryable: true });
      expect(['connection', 'overloaded', 'server-error']).toContain(failure?.code);
      expect(events.some(({ type }) => type === 'tool-input-delta')).toBe(true);
    },
  );

  test.each([
    ['nothing', ''],
    ['a web page', '<html><body>Sign in</body></html>'],
    ['random bytes', new Uint8Array(400).map((_, index) => (index * 37) % 256)],
    ['events that are no JSON', 'event: message_start\ndata: {"type":\n\ndata: {]\n\n'],
    ['events of another shape', 'event: message_start\ndata: {"type":"message_start"}\n\ndata: 5\n\n'],
    ['null', 'event: content_block_delta\ndata: null\n\n'],
  ])('%s in place of an answer is an invalid answer', async (_, body) => {
    await using server = await answering({ type: 'bytes', body });
    expect((await readAnswer(model(server))).failure).toMatchObject({
      code: 'invalid-answer',
      retryable: true,
    });
  });

  test('cancelling in mid-stream closes the connection at once', async () => {
    await using server = await answering({
      type: 'answer',
      text: 'one two three',
      interrupt: { after: wire === 'anthropic' ? 5 : 3, by: 'stall' },
    });
    const controller = new AbortController();
    const events: ModelEvent[] = [];
    for await (const event of model(server).stream(ask('Count'), { signal: controller.signal })) {
      events.push(event);
      if (event.type === 'text-delta') controller.abort();
    }
    expect(events.at(-1)).toMatchObject({ type: 'error', failure: { code: 'cancelled', retryable: false } });
    await expect(server.requests[0]?.closed).resolves.toBe('aborted');
  });

  test('cancelling before the first byte, and before the start, ends as cancelled', async () => {
    await using server = await answering({ type: 'silence' });
    const controller = new AbortController();
    const reading = readAnswer(model(server), ask('Hello'), controller.signal);
    while (server.requests.length === 0) await delay(2);
    controller.abort();
    expect((await reading).failure).toMatchObject({ code: 'cancelled' });
    await expect(server.requests[0]?.closed).resolves.toBe('aborted');
    expect((await readAnswer(model(server), ask('Hello'), AbortSignal.abort())).failure).toMatchObject({
      code: 'cancelled',
    });
    expect(server.requests).toHaveLength(1);
  });

  test('a reader that leaves closes the connection', async () => {
    await using server = await answering({
      type: 'answer',
      text: 'a b c d',
      delayMs: 5,
      interrupt: { after: 6, by: 'stall' },
    });
    for await (const event of model(server).stream(ask('Count'), { signal: new AbortController().signal })) {
      if (event.type === 'text-delta') break;
    }
    await expect(server.requests[0]?.closed).resolves.toBe('aborted');
  });

  test.each([
    ['[1, 2]', '[1, 2]'],
    ['{"url": "http', '{"url": "http'],
    ['nonsense', 'nonsense'],
  ])('arguments %s are passed on as what they are: no object', async (rawArguments, expected) => {
    await using server = await answering({
      type: 'answer',
      toolCalls: [{ name: 'no such tool!', rawArguments }],
    });
    const { end } = await readAnswer(model(server), ask('Look', { tools: TOOLS }));
    const call = end?.message.content[0];
    expect(call).toMatchObject({ type: 'tool-call', name: 'no such tool!', invalidArguments: expected });
    expect(call).not.toHaveProperty('arguments');
  });

  test('text, thinking and parallel calls arrive in pieces and whole', async () => {
    await using server = await answering({
      type: 'answer',
      thinking: 'Two pages are needed.',
      signature: 'signed',
      text: 'I will look at two pages.',
      toolCalls: [
        { name: 'web__fetch', arguments: { url: 'http://one.example/' }, id: 'first' },
        { name: 'web__fetch', arguments: { url: 'http://two.example/' }, id: 'second' },
      ],
      usage: {
        inputTokens: 11,
        outputTokens: 22,
        cacheReadTokens: 33,
        cacheWriteTokens: 44,
        reasoningTokens: 5,
      },
    });
    const { text, thinking, end, events } = await readAnswer(model(server), ask('Look', { tools: TOOLS }));
    expect(text).toBe('I will look at two pages.');
    expect(thinking).toBe('Two pages are needed.');
    expect(end).toMatchObject({
      stopReason: 'tool-calls',
      usage: {
        inputTokens: 11,
        outputTokens: 22,
        cacheReadTokens: 33,
        cacheWriteTokens: 44,
        reasoningTokens: 5,
      },
    });
    expect(end?.message.content.map(({ type }) => type)).toEqual([
      'thinking',
      'text',
      'tool-call',
      'tool-call',
    ]);
    expect(end?.message.content.slice(2)).toEqual([
      { type: 'tool-call', callId: 'first', name: 'web__fetch', arguments: { url: 'http://one.example/' } },
      { type: 'tool-call', callId: 'second', name: 'web__fetch', arguments: { url: 'http://two.example/' } },
    ]);
    for (const callId of ['first', 'second']) {
      const deltas = events.flatMap((event) =>
        event.type === 'tool-input-delta' && event.callId === callId ? [event.text] : [],
      );
      expect(deltas.length).toBeGreaterThan(1);
      expect(JSON.parse(deltas.join(''))).toHaveProperty('url');
    }
  });

  test('a call without arguments is an empty object', async () => {
    await using server = await answering({ type: 'answer', toolCalls: [{ name: 'now', rawArguments: '' }] });
    expect((await readAnswer(model(server))).end?.message.content[0]).toMatchObject({
      name: 'now',
      arguments: {},
    });
  });

  test.each(STOP_REASONS[wire])('the stop reason %s is %s', async (stopReason, expected) => {
    await using server = await answering({ type: 'answer', text: 'So.', stopReason });
    expect((await readAnswer(model(server))).end).toMatchObject({
      stopReason: expected,
      providerStopReason: stopReason,
    });
  });
});
