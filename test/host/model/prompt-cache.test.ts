import { describe, expect, test } from 'vitest';

import { expectedCost } from '../../../src/host/agent/expected-cost.ts';
import { spentLine } from '../../../src/host/cli/spent-text.ts';
import { anthropicModel } from '../../../src/host/model/anthropic.ts';
import type { ModelMessage, ModelTool } from '../../../src/host/model/model.ts';
import { openaiModel } from '../../../src/host/model/openai.ts';
import { chatRequest } from '../../../src/host/model/openai-request.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../src/json.ts';
import { agentTools } from '../../fixtures/agent-tools.ts';
import { startModelServer } from '../../fixtures/model/model-server.ts';
import { eventsOf, openTestHost } from '../../fixtures/open-host.ts';
import { readAnswer } from './read-answer.ts';

const KEY = 'sk-test-0123456789';
const tools: ModelTool[] = ['now', 'then'].map((name) => ({
  name,
  description: name,
  inputSchema: { type: 'object' },
}));
const user = (text: string): ModelMessage => ({ role: 'user', content: [{ type: 'text', text }] });
/** As many calls side by side as leave the mark before them behind the 20 blocks that the API looks back. */
const turn = (number: number, calls: number): ModelMessage[] => {
  const ids = Array.from({ length: calls }, (_, index) => `toolu_${number}_${index}`);
  return [
    {
      role: 'assistant',
      content: ids.map((callId) => ({ type: 'tool-call' as const, callId, name: 'now', arguments: {} })),
    },
    {
      role: 'tool',
      results: ids.map((callId) => ({
        callId,
        name: 'now',
        isError: false,
        content: [{ type: 'text' as const, text: `noon of ${callId}` }],
      })),
    },
  ];
};
const growing = (turns: number): ModelMessage[] => [
  user('When?'),
  ...Array.from({ length: turns }, (_, index) => turn(index + 1, 12)).flat(),
];

/** Where marks stand: `system.0`, `messages.2.content.11`. */
function marks(value: Json | undefined, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => marks(item, `${path}.${index}`));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'cache_control' ? [path.slice(1)] : marks(item, `${path}.${key}`),
  );
}

const withoutMarks = (value: Json | undefined): Json =>
  JSON.parse(JSON.stringify(value), (key, item: Json) =>
    key === 'cache_control' ? undefined : item,
  ) as Json;

describe('Anthropic', () => {
  const model = (baseUrl: string, extraBody: JsonObject = {}) =>
    anthropicModel({ name: 'claude-sonnet-5', apiKey: KEY, baseUrl, extraBody });

  test('marks stand behind tools, instructions, the last message and where the request before ended', async () => {
    await using server = await startModelServer({ script: () => ({ type: 'answer', text: 'Noon.' }) });
    const asked = model(server.url);
    for (const turns of [0, 1, 2])
      await readAnswer(asked, { system: 'Be brief.', messages: growing(turns), tools });
    const found = server.requests.map(({ body }) => marks(body));
    expect(found).toEqual([
      ['system.0', 'messages.0.content.0', 'tools.1'],
      ['system.0', 'messages.0.content.0', 'messages.2.content.11', 'tools.1'],
      ['system.0', 'messages.2.content.11', 'messages.4.content.11', 'tools.1'],
    ]);
    // Each request but the first holds, with a mark, exactly where the one before it ended.
    for (const [index, after] of found.slice(1).entries()) {
      const end = found[index]?.filter((place) => place.startsWith('messages.')).at(-1);
      expect(after).toContain(end);
    }
  });

  test('marks of extraBody count: there are never more than four', async () => {
    await using server = await startModelServer({ script: () => ({ type: 'answer', text: 'Noon.' }) });
    const mark = { type: 'ephemeral' };
    const bodies: JsonObject[] = [
      { cache_control: mark },
      {
        system: [{ type: 'text', text: 'a', cache_control: mark }],
        metadata: { cache_control: 'no', a: mark },
      },
    ];
    for (const extraBody of bodies)
      await readAnswer(model(server.url, extraBody), { system: 'S', messages: growing(2), tools });
    for (const { body } of server.requests) expect(marks(body).length).toBeLessThanOrEqual(4);
  });

  test('each request of a conversation begins with all of the one before', async () => {
    await using server = await startModelServer({ script: () => ({ type: 'answer', text: 'Noon.' }) });
    const asked = model(server.url);
    for (const turns of [0, 1, 2, 3])
      await readAnswer(asked, { system: 'Be brief.', messages: growing(turns), tools });
    expectPrefixes(server.requests.map(({ body }) => withoutMarks(body) as JsonObject));
  });
});

describe('OpenAI', () => {
  const settings = {
    origin: { wire: 'chat-completions', at: 'api.openai.com', model: 'openai/gpt-6-sol' },
    name: 'gpt-6-sol',
    maxTokensField: 'max_completion_tokens',
    streamOptions: true,
    callIds: 'any',
    signsCalls: false,
    promptCache: 'conversation',
    repairs: { withoutReasoning: false, fillReasoning: false },
    extraBody: {},
  } as const;

  test('each request of a conversation begins with all of the one before, byte for byte', async () => {
    await using server = await startModelServer({ script: () => ({ type: 'answer', text: 'Noon.' }) });
    const asked = openaiModel({
      provider: 'openai',
      name: 'gpt-6-sol',
      apiKey: KEY,
      baseUrl: server.openaiUrl,
    });
    for (const turns of [0, 1, 2, 3])
      await readAnswer(asked, { system: 'Be brief.', messages: growing(turns), tools });
    expectPrefixes(server.requests.map(({ body }) => body));
  });

  test('the conversation is named where OpenAI itself answers, and to no other server', async () => {
    const request = { messages: growing(0), tools, cacheKey: 'session-1' };
    expect(chatRequest(request, settings).body).toMatchObject({ prompt_cache_key: 'session-1' });
    expect(chatRequest(request, { ...settings, promptCache: 'nothing' }).body).not.toHaveProperty(
      'prompt_cache_key',
    );
    expect(chatRequest(request, { ...settings, promptCache: 'mark' }).body).toMatchObject({
      cache_control: { type: 'ephemeral' },
    });
    await using server = await startModelServer({ script: () => ({ type: 'answer', text: 'Noon.' }) });
    await readAnswer(
      openaiModel({ provider: 'openai', name: 'gpt-6-sol', apiKey: KEY, baseUrl: server.openaiUrl }),
      request,
    );
    expect(server.requests[0]?.body).not.toHaveProperty('prompt_cache_key');
  });
});

test.each(['anthropic', 'openai'] as const)(
  'the turns of a run on the wire of %s extend one another, tools and instructions alike, and so does the next run of its session',
  async (wire) => {
    await using opened = await openTestHost({
      wire,
      servers: [agentTools()],
      script: (request) =>
        request.toolResults.length % 3 === 2
          ? { type: 'answer', text: 'Noon.' }
          : {
              type: 'answer',
              toolCalls: [{ name: 'tools__weather', arguments: { city: `C${request.toolResults.length}` } }],
            },
    });
    await opened.host.registry.ready();
    const session = await opened.host.sessions.create();
    for (const question of ['How warm?', 'And there?'])
      await (await opened.host.ask(question, { sessionId: session.id })).result;
    expect(opened.model.requests.length).toBeGreaterThan(3);
    expectPrefixes(opened.model.requests.map(({ body }) => withoutMarks(body) as JsonObject));
    for (const { body } of opened.model.requests) expect(marks(body).length).toBeLessThanOrEqual(4);
  },
);

test('what a provider read from its cache and wrote to it is told of each call and of the run, and costs its own price', async () => {
  await using opened = await openTestHost({
    price: {
      inputUsdPerMillion: 1_000,
      outputUsdPerMillion: 10_000,
      cacheReadUsdPerMillion: 100,
      cacheWriteUsdPerMillion: 2_000,
    },
    script: () => ({
      type: 'answer',
      text: 'Noon.',
      usage: { inputTokens: 10, outputTokens: 20, cacheReadTokens: 30, cacheWriteTokens: 40 },
    }),
  });
  const handle = await opened.host.ask('When?');
  const events = await eventsOf(handle);
  const usage = { inputTokens: 10, outputTokens: 20, cacheReadTokens: 30, cacheWriteTokens: 40 };
  const costUsd = (10 * 1_000 + 20 * 10_000 + 30 * 100 + 40 * 2_000) / 1e6;
  const [end] = events.flatMap((event) => (event.type === 'model-end' ? [event] : []));
  expect(end).toMatchObject({ usage, costUsd: expect.closeTo(costUsd, 9) });
  const last = events.at(-1);
  expect(last).toMatchObject({ type: 'run-end', totals: { usage, costUsd: expect.closeTo(costUsd, 9) } });
  if (last?.type !== 'run-end') throw new Error('no end');
  expect(spentLine(last.totals)).toBe('1 turn, 0 tool calls, tokens 80 → 20 (30 cached), $0.29');
});

test('what is set aside for a call is enough where all of its input is written to a cache', async () => {
  const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 0, cacheWriteUsdPerMillion: 3 };
  const model = anthropicModel({ name: 'claude-sonnet-5', apiKey: KEY, price });
  const { tokens: expected, costUsd } = await expectedCost(model, {
    messages: growing(3),
    tools,
    maxOutputTokens: 1,
  });
  expect(costUsd).toBeCloseTo(((expected - 1) * 3) / 1e6, 9);
});

function expectPrefixes(bodies: readonly JsonObject[]): void {
  for (const [index, body] of bodies.slice(1).entries()) {
    const before = bodies[index];
    expect(JSON.stringify([body.tools, body.system])).toBe(JSON.stringify([before?.tools, before?.system]));
    const text = JSON.stringify(before?.messages).slice(0, -1);
    expect(JSON.stringify(body.messages).slice(0, text.length)).toBe(text);
  }
}
