import { expect, test } from 'vitest';

import type { ModelMessage } from '../../../src/host/model/model.ts';
import { type OpenaiModelOptions, openaiModel } from '../../../src/host/model/openai.ts';
import { type ModelReply, startModelServer } from '../../fixtures/model/model-server.ts';
import { ask, readAnswer } from './read-answer.ts';

const answering = (...replies: readonly ModelReply[]) =>
  startModelServer({
    script: (_, n) => replies[Math.min(n, replies.length - 1)] ?? { type: 'answer', text: 'Yes.' },
  });
const model = (baseUrl: string, rest: Partial<OpenaiModelOptions> = {}) =>
  openaiModel({ provider: 'openrouter', name: 'some/model', apiKey: 'sk-test-0123456789', baseUrl, ...rest });
const user = (text: string): ModelMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const tools = [{ name: 'now', description: 'The time', inputSchema: { type: 'object' } }];
const chunks = (...deltas: readonly object[]): ModelReply => ({
  type: 'bytes',
  body: `${deltas.map((choice) => `data: ${JSON.stringify({ choices: [choice] })}\n\n`).join('')}data: [DONE]\n\n`,
});

test('an error inside a list, as Gemini sends it, shows its message', async () => {
  const body = [
    {
      error: {
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
      },
    },
  ];
  const { createServer } = await import('node:http');
  const server = createServer((_, response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const { failure } = await readAnswer(
    model(`http://127.0.0.1:${port}/v1`, { provider: 'gemini', keySource: 'GEMINI_API_KEY' }),
  );
  expect(failure).toMatchObject({
    code: 'authentication',
    message: expect.stringContaining('Check GEMINI_API_KEY'),
  });
  expect(failure?.message).toContain('API key not valid');
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test('a quota that is used up is not retried', async () => {
  await using server = await answering({ type: 'failure', status: 429, code: 'insufficient_quota' });
  expect((await readAnswer(model(server.openaiUrl))).failure).toMatchObject({
    code: 'rate-limited',
    retryable: false,
  });
});

test('a stream without a finish reason was cut', async () => {
  await using server = await answering(chunks({ delta: { content: 'Half an' } }));
  expect((await readAnswer(model(server.openaiUrl))).failure).toMatchObject({
    code: 'connection',
    retryable: true,
  });
});

test('missing usage is unknown, and so is its cost', async () => {
  await using server = await answering({ type: 'answer', text: 'Yes.', usage: null });
  const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 1 };
  const { end } = await readAnswer(model(server.openaiUrl, { price }));
  expect(end?.usage).toMatchObject({ unknown: true });
  expect(end).not.toHaveProperty('costUsd');
});

test('calls without ids get ids that are the same each time and differ between the turns', async () => {
  await using server = await answering({
    type: 'answer',
    toolCalls: [
      { name: 'now', id: null },
      { name: 'now', id: null },
    ],
  });
  const ids = async (messages: readonly ModelMessage[]) =>
    (await readAnswer(model(server.openaiUrl), { messages, tools })).end?.message.content.map((part) =>
      part.type === 'tool-call' ? part.callId : '',
    );
  const first = await ids([user('a')]);
  expect(new Set(first).size).toBe(2);
  expect(await ids([user('a')])).toEqual(first);
  expect(await ids([user('a'), user('b')])).not.toEqual(first);
});

test.each([
  [
    'whole, without an index',
    [
      { id: 'a', function: { name: 'now', arguments: '{"x":1}' } },
      { id: 'b', function: { name: 'now', arguments: '{"x":2}' } },
    ],
  ],
  [
    'all with the index 0',
    [
      { index: 0, id: 'a', function: { name: 'now', arguments: '{"x":1}' } },
      { index: 0, id: 'b', function: { name: 'now', arguments: '{"x":2}' } },
    ],
  ],
  [
    'as objects',
    [
      { index: 0, id: 'a', function: { name: 'now', arguments: { x: 1 } } },
      { index: 1, id: 'b', function: { name: 'now', arguments: { x: 2 } } },
    ],
  ],
])('parallel calls that come %s are told apart', async (_, calls) => {
  await using server = await answering(
    chunks(...calls.map((call) => ({ delta: { tool_calls: [call] } })), { delta: {}, finish_reason: 'stop' }),
  );
  const { end } = await readAnswer(model(server.openaiUrl));
  expect(end?.stopReason).toBe('tool-calls');
  expect(end?.message.content).toMatchObject([
    { callId: 'a', arguments: { x: 1 } },
    { callId: 'b', arguments: { x: 2 } },
  ]);
});

test('a refusal is shown as text and told as refusal', async () => {
  await using server = await answering(
    chunks({ delta: { refusal: 'I cannot.' } }, { delta: {}, finish_reason: 'stop' }),
  );
  expect(await readAnswer(model(server.openaiUrl))).toMatchObject({
    text: 'I cannot.',
    end: { stopReason: 'refusal' },
  });
});

test('content in blocks, as Mistral sends it, is read', async () => {
  const content = [
    { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
    { type: 'text', text: 'Yes.' },
  ];
  await using server = await answering(chunks({ delta: { content } }, { delta: {}, finish_reason: 'stop' }));
  expect(await readAnswer(model(server.openaiUrl))).toMatchObject({ thinking: 'Hm.', text: 'Yes.' });
});

test('reasoning and signatures go back to the model that wrote them while its calls are answered, and to no other', async () => {
  const extraContent = { google: { thought_signature: 'c2ln' } };
  await using server = await answering({
    type: 'answer',
    thinking: 'Let me see.',
    toolCalls: [{ name: 'now', id: 'a', extraContent }],
  });
  const { end } = await readAnswer(model(server.openaiUrl), { ...ask('When?'), tools });
  if (end === undefined) throw new Error('no answer');
  const result = {
    role: 'tool',
    results: [{ callId: 'a', name: 'now', isError: true, content: [{ type: 'text', text: 'broken' }] }],
  } as const;
  const inLoop = [user('When?'), end.message, result];
  await readAnswer(model(server.openaiUrl), { messages: inLoop, tools });
  await readAnswer(model(server.openaiUrl), { messages: [...inLoop, user('And now?')], tools });
  await readAnswer(model(server.openaiUrl, { name: 'another' }), { messages: inLoop, tools });
  const call = { id: 'a', type: 'function', function: { name: 'now', arguments: '{}' } };
  expect(
    server.requests.slice(1).map(({ body }) => (Array.isArray(body.messages) ? body.messages[1] : undefined)),
  ).toEqual([
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ ...call, extra_content: extraContent }],
      reasoning_content: 'Let me see.',
    },
    { role: 'assistant', content: null, tool_calls: [{ ...call, extra_content: extraContent }] },
    { role: 'assistant', content: null, tool_calls: [call] },
  ]);
  expect(server.requests[1]?.body.messages).toMatchObject([
    {},
    {},
    { role: 'tool', tool_call_id: 'a', content: 'Error: broken' },
  ]);
});

test('images of results follow in a message of the person that names the call', async () => {
  await using server = await answering();
  const image = { type: 'image', mimeType: 'image/png', base64: 'iVBORw0KGgo=' } as const;
  const messages: ModelMessage[] = [
    user('Look'),
    { role: 'assistant', content: [{ type: 'tool-call', callId: 'a', name: 'shot', arguments: { x: 1 } }] },
    {
      role: 'tool',
      results: [
        { callId: 'a', name: 'shot', isError: false, content: [{ type: 'text', text: 'done' }, image] },
      ],
    },
  ];
  await readAnswer(model(server.openaiUrl), { messages, tools: [] });
  expect(server.requests[0]?.body.messages).toMatchObject([
    { role: 'user', content: 'Look' },
    { role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'shot', arguments: '{"x":1}' } }] },
    { role: 'tool', tool_call_id: 'a', content: expect.stringContaining('done') },
    {
      role: 'user',
      content: [
        { type: 'text', text: expect.stringMatching(/call a of shot/) },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
      ],
    },
  ]);
});

test('the request: usage asked for, max_tokens, own headers, no temperature unless asked', async () => {
  await using server = await answering();
  await readAnswer(model(server.openaiUrl, { headers: { 'x-team': 'blue' }, extraBody: { seed: 7 } }), {
    ...ask('Hello', { tools, toolChoice: 'required', maxOutputTokens: 50 }),
    system: 'Be brief.',
  });
  const { body, headers } = server.requests[0] ?? {};
  expect(body).toEqual({
    model: 'some/model',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ],
    stream: true,
    stream_options: { include_usage: true },
    tools: [
      {
        type: 'function',
        function: { name: 'now', description: 'The time', parameters: { type: 'object', properties: {} } },
      },
    ],
    tool_choice: 'required',
    max_tokens: 50,
    seed: 7,
  });
  expect(headers).toMatchObject({ authorization: 'Bearer sk-test-0123456789', 'x-team': 'blue' });
});

test('a server without a key is sent no authorization, and nothing of the variables meant for OpenAI', async () => {
  await using server = await answering();
  process.env['OPENAI_ORG_ID'] = 'org-secret';
  process.env['OPENAI_CUSTOM_HEADERS'] = 'x-secret: value';
  try {
    await readAnswer(openaiModel({ provider: 'ollama', name: 'qwen', baseUrl: server.openaiUrl }));
  } finally {
    delete process.env['OPENAI_ORG_ID'];
    delete process.env['OPENAI_CUSTOM_HEADERS'];
  }
  const headers = server.requests[0]?.headers ?? {};
  expect(Object.keys(headers).filter((name) => /authorization|openai|secret|stainless/.test(name))).toEqual(
    [],
  );
});

test('a model that takes tools only without reasoning is asked without it, which is noted and remembered', async () => {
  const refusal: ModelReply = {
    type: 'failure',
    status: 400,
    code: 'invalid_request_error',
    param: 'reasoning_effort',
    message:
      "Function tools with reasoning_effort are not supported for this model. Set reasoning_effort to 'none'.",
  };
  await using server = await answering(refusal, { type: 'answer', text: 'Yes.' });
  const asked = model(server.openaiUrl);
  const { end } = await readAnswer(asked, ask('Hello', { tools }));
  expect(end?.notes?.join()).toContain('does not reason');
  await readAnswer(asked, ask('Hello', { tools }));
  await readAnswer(asked, ask('Hello'));
  expect(server.requests.map(({ body }) => body.reasoning_effort)).toEqual([
    undefined,
    'none',
    'none',
    undefined,
  ]);
});

test('ids are what Mistral takes, and a call still meets its result', async () => {
  await using server = await answering();
  const messages: ModelMessage[] = [
    user('a'),
    {
      role: 'assistant',
      content: [{ type: 'tool-call', callId: 'toolu_01ABC', name: 'now', arguments: {} }],
    },
    { role: 'tool', results: [{ callId: 'toolu_01ABC', name: 'now', isError: false, content: [] }] },
  ];
  await readAnswer(model(server.openaiUrl, { provider: 'mistral' }), { messages, tools });
  const body = JSON.stringify(server.requests[0]?.body);
  const [id] = /(?<="id":")[^"]+/.exec(body) ?? [];
  expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
  expect(body).toContain(`"tool_call_id":"${id}"`);
  expect(body).not.toContain('stream_options');
});
