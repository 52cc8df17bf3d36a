import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { anthropicModel } from '../../../src/host/model/anthropic.ts';
import type { AssistantMessage, ModelMessage } from '../../../src/host/model/model.ts';
import { openaiModel } from '../../../src/host/model/openai.ts';
import type { JsonObject } from '../../../src/json.ts';
import { type ModelReply, startModelServer } from '../../fixtures/model/model-server.ts';
import { dataFolder, wireReply } from '../../fixtures/model/wire-file.ts';
import { ask, readAnswer } from './read-answer.ts';

const KEY = 'sk-test-0123456789';
const MANUAL = { thinking: { type: 'enabled', budget_tokens: 2000 } };
const answering = (...replies: readonly ModelReply[]) =>
  startModelServer({
    script: (_, n) => replies[Math.min(n, replies.length - 1)] ?? { type: 'answer', text: 'Yes.' },
  });
const claude = (baseUrl: string, extraBody: JsonObject = {}) =>
  anthropicModel({ name: 'claude-haiku-4-5', apiKey: KEY, baseUrl, extraBody });
const chat = (baseUrl: string, provider = 'openrouter') =>
  openaiModel({ provider, name: 'some/model', apiKey: KEY, baseUrl });
const user = (text: string): ModelMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const called = (callId: string, name = 'now'): AssistantMessage => ({
  role: 'assistant',
  content: [{ type: 'tool-call', callId, name, arguments: {} }],
});
const result = (callId: string, name = 'now'): ModelMessage => ({
  role: 'tool',
  results: [{ callId, name, isError: false, content: [{ type: 'text', text: 'noon' }] }],
});
const thinkingCall: ModelReply = {
  type: 'answer',
  thinking: 'Let me see.',
  signature: 'c2lnbmVk',
  toolCalls: [{ name: 'now', id: 'toolu_1' }],
};
const boundElsewhere: ModelReply = {
  type: 'failure',
  status: 400,
  code: 'invalid_request_error',
  message:
    'messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation.',
};

async function thoughtTurn(url: string): Promise<AssistantMessage> {
  const { end } = await readAnswer(claude(url, MANUAL), ask('When?'));
  if (end === undefined) throw new Error('no answer');
  return JSON.parse(JSON.stringify(end.message)) as AssistantMessage;
}

test('signed thinking goes back to the address that signed it and to no other', async () => {
  await using one = await answering(thinkingCall);
  await using other = await answering();
  const turn = await thoughtTurn(one.url);
  const request = { messages: [user('When?'), turn, result('toolu_1')], tools: [] };
  await readAnswer(claude(one.url), request);
  await readAnswer(claude(other.url), request);
  await readAnswer(chat(other.openaiUrl), request);
  expect(JSON.stringify(one.requests[1]?.body)).toContain('c2lnbmVk');
  for (const { body } of other.requests) expect(JSON.stringify(body)).not.toMatch(/c2lnbmVk|Let me see/);
});

test('a tool loop whose last turn is of another provider goes without manual thinking, says so, and has it again later', async () => {
  await using server = await answering({ type: 'answer', text: 'Noon.' });
  const model = claude(server.url, MANUAL);
  const loop = [user('When?'), called('call_1'), result('call_1')];
  const paused = await readAnswer(model, { messages: loop, tools: [] });
  const ended = [...loop, { role: 'assistant', content: [{ type: 'text', text: 'Noon.' }] } as const];
  const resumed = await readAnswer(model, { messages: [...ended, user('Sure?')], tools: [] });
  expect(server.requests.map(({ body }) => body.thinking)).toEqual([undefined, MANUAL.thinking]);
  expect(paused.end?.notes?.join()).toContain('without thinking');
  expect(resumed.end?.notes).toBeUndefined();
});

test('adaptive thinking, which asks nothing of earlier turns, stays on in such a loop', async () => {
  await using server = await answering();
  const thinking = { type: 'adaptive' };
  const messages = [user('When?'), called('call_1'), result('call_1')];
  await readAnswer(claude(server.url, { thinking }), { messages, tools: [] });
  expect(server.requests[0]?.body.thinking).toEqual(thinking);
});

test('thinking that the provider refuses after the conversation changed is left out, once and for all', async () => {
  await using server = await answering(thinkingCall, boundElsewhere, { type: 'answer', text: 'Noon.' });
  const turn = await thoughtTurn(server.url);
  const model = claude(server.url);
  const messages = [user('When, in other words?'), turn, result('toolu_1')];
  const { text, end, events } = await readAnswer(model, { messages, tools: [] });
  expect(text).toBe('Noon.');
  expect(events.map(({ type }) => type)).not.toContain('restart');
  expect(end?.notes?.join()).toContain('goes on without it');
  await readAnswer(model, { messages: [...messages, user('Sure?')], tools: [] });
  expect(server.requests.map(({ body }) => JSON.stringify(body).includes('c2lnbmVk'))).toEqual([
    false,
    true,
    false,
    false,
  ]);
});

const data = dataFolder();

test.skipIf(data === undefined)(
  'recorded turns of Anthropic, DeepSeek, Groq and xAI go to each other’s providers as one conversation',
  async () => {
    const recorded = async (file: string, wire: 'anthropic' | 'openai'): Promise<AssistantMessage> => {
      const reply = wireReply(readFileSync(join(data ?? '', 'wire', file), 'utf8'), wire);
      await using server = await startModelServer({ script: () => reply });
      const model = wire === 'anthropic' ? claude(server.url) : chat(server.openaiUrl);
      const { end } = await readAnswer(model, ask('When?'));
      if (end === undefined) throw new Error(`no answer in ${file}`);
      return end.message;
    };
    const turns = [
      await recorded('anthropic/anthropic-clear-tool-uses.1.chunks.txt', 'anthropic'),
      await recorded('deepseek/chat__deepseek-tool-call.chunks.txt', 'openai'),
      await recorded('groq/groq-tool-call.chunks.txt', 'openai'),
      await recorded('openai-compatible/chat__xai-tool-call.chunks.txt', 'openai'),
      await recorded('anthropic/anthropic-clear-thinking.1.chunks.txt', 'anthropic'),
    ];
    const messages = turns.flatMap((turn): ModelMessage[] => {
      const calls = turn.content.flatMap((part) => (part.type === 'tool-call' ? [part] : []));
      const results = calls.map(({ callId, name }) => ({ callId, name, isError: false, content: [] }));
      return [user('When?'), turn, ...(results.length > 0 ? [{ role: 'tool' as const, results }] : [])];
    });
    await using other = await answering();
    await readAnswer(claude(other.url), { messages: [...messages, user('And now?')], tools: [] });
    await readAnswer(chat(other.openaiUrl), { messages: [...messages, user('And now?')], tools: [] });
    // Nothing is left of what only its provider understands: every one of them was another one here.
    for (const { body } of other.requests)
      expect(JSON.stringify(body)).not.toMatch(/"signature"|"thinking"|redacted_thinking|reasoning/);
    const [anthropicBody, chatBody] = other.requests.map(({ body }) => JSON.stringify(body));
    const uses = [...(anthropicBody ?? '').matchAll(/"tool_use","id":"([^"]+)"/g)].map(([, id]) => id);
    const answers = [...(anthropicBody ?? '').matchAll(/"tool_use_id":"([^"]+)"/g)].map(([, id]) => id);
    expect(uses.length).toBeGreaterThan(2);
    expect(answers).toEqual(uses);
    expect(new Set(uses).size).toBe(uses.length);
    const called = [...(chatBody ?? '').matchAll(/"id":"([^"]+)","type":"function"/g)].map(([, id]) => id);
    expect([...(chatBody ?? '').matchAll(/"tool_call_id":"([^"]+)"/g)].map(([, id]) => id)).toEqual(called);
  },
);

test('a refusal that thinking has nothing to do with stays a refusal', async () => {
  await using server = await answering({
    type: 'failure',
    status: 400,
    code: 'invalid_request_error',
    message: 'max_tokens: too large',
  });
  const { failure } = await readAnswer(claude(server.url));
  expect(failure?.code).toBe('invalid-request');
  expect(server.requests).toHaveLength(1);
});

test('DeepSeek, which wants reasoning with each turn of a loop, gets a blank for those of others', async () => {
  const missing: ModelReply = {
    type: 'failure',
    status: 400,
    code: 'invalid_request_error',
    message: 'Missing `reasoning_content` field in the assistant message at message index 1.',
  };
  await using server = await answering(missing, { type: 'answer', text: 'Noon.' });
  const model = chat(server.openaiUrl, 'deepseek');
  const messages = [user('When?'), called('toolu_1'), result('toolu_1')];
  expect((await readAnswer(model, { messages, tools: [] })).text).toBe('Noon.');
  await readAnswer(model, { messages, tools: [] });
  expect(server.requests.map(({ body }) => JSON.stringify(body).includes('"reasoning_content":" "'))).toEqual(
    [false, true, true],
  );
});

test('Gemini is told which calls of a loop another model made', async () => {
  await using server = await answering();
  const messages = [
    user('When?'),
    called('toolu_0'),
    result('toolu_0'),
    user('And now?'),
    {
      role: 'assistant',
      content: [...called('toolu_1').content, ...called('toolu_2').content],
    } as const,
    result('toolu_1'),
  ];
  await readAnswer(chat(server.openaiUrl, 'gemini'), { messages, tools: [] });
  await readAnswer(chat(server.openaiUrl, 'openai'), { messages, tools: [] });
  const signed = (index: number) =>
    [
      ...JSON.stringify(server.requests[index]?.body).matchAll(
        /"id":"(\w+)"(?:(?!"id").)*?skip_thought_signature_validator/g,
      ),
    ].map(([, id]) => id);
  expect([signed(0), signed(1)]).toEqual([['toolu_1'], []]);
});

test('a server that counts its calls anew with each answer never gives two calls one id', async () => {
  const calls = (count: number): ModelReply => ({
    type: 'answer',
    toolCalls: Array.from({ length: count }, (_, index) => ({ name: 'now', id: `call_${index}` })),
  });
  await using server = await answering(calls(1), calls(2));
  const model = chat(server.openaiUrl);
  const first = (await readAnswer(model, ask('When?'))).end?.message;
  if (first === undefined) throw new Error('no answer');
  const second = (await readAnswer(model, { messages: [user('When?'), first, result('call_0')], tools: [] }))
    .end?.message.content;
  const ids = [...first.content, ...(second ?? [])].flatMap((part) =>
    part.type === 'tool-call' ? [part.callId] : [],
  );
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(3);
});

test('a call by a name that no provider takes does not spoil the conversation', async () => {
  await using server = await answering();
  const name = 'no such tool! '.repeat(8);
  const messages = [user('When?'), called('a.b', name), result('a.b', name), called('a:b'), result('a:b')];
  await readAnswer(claude(server.url), { messages, tools: [] });
  await readAnswer(chat(server.openaiUrl), { messages, tools: [] });
  for (const { body } of server.requests) {
    const text = JSON.stringify(body);
    expect(text).toMatch(/"name":"no_such_tool__[a-zA-Z0-9_-]{0,50}"/);
  }
  const ids = [...JSON.stringify(server.requests[0]?.body).matchAll(/"(?:id|tool_use_id)":"([^"]+)"/g)].map(
    ([, id]) => id ?? '',
  );
  expect(ids).toHaveLength(4);
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
});
