import { expect, test } from 'vitest';

import { anthropicModel } from '../../../src/host/model/anthropic.ts';
import type { ModelMessage } from '../../../src/host/model/model.ts';
import type { JsonObject } from '../../../src/json.ts';
import { type ModelReply, startModelServer } from '../../fixtures/model/model-server.ts';
import { ask, readAnswer } from './read-answer.ts';

const answering = (reply: ModelReply = { type: 'answer', text: 'Yes.' }) =>
  startModelServer({ script: () => reply });
const model = (url: string, rest: object = {}) =>
  anthropicModel({ name: 'claude-sonnet-5', apiKey: 'sk-test-0123456789', baseUrl: url, ...rest });
const user = (text: string): ModelMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const PNG = { type: 'image', mimeType: 'image/png', base64: 'iVBORw0KGgo=' } as const;

test('thinking, redacted thinking and unknown blocks go back exactly as they came', async () => {
  await using server = await answering({
    type: 'answer',
    thinking: 'Let me see.',
    signature: 'c2lnbmVk',
    redactedThinking: 'ZW5jcnlwdGVk',
    toolCalls: [{ name: 'now', id: 'toolu_1' }],
  });
  const { end } = await readAnswer(model(server.url));
  if (end === undefined) throw new Error('no answer');
  // What is kept survives a journal.
  const message = JSON.parse(JSON.stringify(end.message)) as ModelMessage;
  const result = {
    role: 'tool',
    results: [{ callId: 'toolu_1', name: 'now', isError: false, content: [] }],
  } as const;
  await readAnswer(model(server.url), { messages: [user('When?'), message, result], tools: [] });
  expect(server.requests[1]?.body.messages).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'When?', cache_control: { type: 'ephemeral' } }] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Let me see.', signature: 'c2lnbmVk' },
        { type: 'redacted_thinking', data: 'ZW5jcnlwdGVk' },
        { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} },
      ],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'toolu_1', cache_control: { type: 'ephemeral' } }],
    },
  ]);
});

test('images in results, errors, and images that no model takes', async () => {
  await using server = await answering();
  const svg = { type: 'image', mimeType: 'image/svg+xml', base64: 'AAAA' } as const;
  const messages: ModelMessage[] = [
    user('Look'),
    {
      role: 'assistant',
      content: [
        { type: 'tool-call', callId: 'call.1', name: 'shot', arguments: {} },
        { type: 'tool-call', callId: 'b', name: 'shot', invalidArguments: '{"half' },
      ],
    },
    {
      role: 'tool',
      results: [
        {
          callId: 'call.1',
          name: 'shot',
          isError: false,
          content: [{ type: 'text', text: 'done' }, PNG, svg],
        },
        { callId: 'b', name: 'shot', isError: true, content: [{ type: 'text', text: 'no' }] },
      ],
    },
  ];
  await readAnswer(model(server.url), { messages, tools: [] });
  expect(server.requests[0]?.body.messages).toMatchObject([
    { role: 'user' },
    {
      role: 'assistant',
      content: [
        { id: expect.stringMatching(/^call_1_[0-9a-f]{12}$/), input: {} },
        { id: 'b', input: { invalid_arguments: '{"half' } },
      ],
    },
    {
      role: 'user',
      content: [
        {
          tool_use_id: expect.stringMatching(/^call_1_[0-9a-f]{12}$/),
          content: [
            { type: 'text', text: 'done' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
            { type: 'text', text: expect.stringContaining('image/svg+xml') },
          ],
        },
        { tool_use_id: 'b', is_error: true },
      ],
    },
  ]);
});

test('the request: output limit, no temperature unless asked, cache marks, blank text left out', async () => {
  await using server = await answering();
  const tools = [{ name: 'now', description: 'The time', inputSchema: { type: 'object' } }];
  await readAnswer(model(server.url), {
    ...ask('Hello'),
    system: 'Be brief.',
    tools,
    toolChoice: 'required',
  });
  await readAnswer(model(server.url, { limits: { maxOutputTokens: 500 } }), {
    messages: [
      user('Hello'),
      { role: 'assistant', content: [{ type: 'text', text: ' \n' }] },
      user('There?'),
    ],
    tools: [],
    temperature: 0.5,
    maxOutputTokens: 900,
  });
  const [first, second] = server.requests.map(({ body }) => body);
  expect(first).toMatchObject({
    model: 'claude-sonnet-5',
    stream: true,
    max_tokens: 32_000,
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Hello', cache_control: { type: 'ephemeral' } }] },
    ],
    tools: [{ name: 'now', description: 'The time', input_schema: { type: 'object' } }],
    tool_choice: { type: 'any' },
  });
  expect(first).not.toHaveProperty('temperature');
  expect(second).toMatchObject({ max_tokens: 500, temperature: 0.5 });
  expect(second?.messages).toHaveLength(2);
  expect(tools[0]).toEqual({ name: 'now', description: 'The time', inputSchema: { type: 'object' } });
});

test('an argument that was sent under another name reaches the tool under its own, and goes back renamed', async () => {
  const inputSchema: JsonObject = { type: 'object', properties: { $top: { type: 'number' } } };
  const tools = [{ name: 'list', description: '', inputSchema }];
  await using server = await answering({
    type: 'answer',
    toolCalls: [{ name: 'list', id: 'a', arguments: { _top: 3 } }],
  });
  const { end } = await readAnswer(model(server.url), { ...ask('List'), tools });
  expect(end?.message.content).toEqual([
    { type: 'tool-call', callId: 'a', name: 'list', arguments: { $top: 3 } },
  ]);
  if (end === undefined) throw new Error('no answer');
  await readAnswer(model(server.url), { messages: [user('List'), end.message], tools });
  expect(server.requests[1]?.body.messages).toMatchObject([
    {},
    { content: [{ type: 'tool_use', input: { _top: 3 } }] },
  ]);
});

test('a base URL that ends in /v1 is understood', async () => {
  await using server = await answering();
  expect((await readAnswer(model(`${server.url}/v1/`))).text).toBe('Yes.');
});

test('the same request is the same bytes', async () => {
  await using server = await answering();
  const request = {
    ...ask('Hello'),
    system: 'S',
    tools: [{ name: 'now', description: '', inputSchema: { type: 'object' } }],
  };
  await readAnswer(model(server.url), request);
  await readAnswer(model(server.url), request);
  const [first, second] = server.requests.map(({ body }) => JSON.stringify(body));
  expect(first).toBe(second);
});
