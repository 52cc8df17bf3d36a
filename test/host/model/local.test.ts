import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { createLocalEngines } from '../../../src/host/model/local-engine.ts';
import { loadLlamaModule } from '../../../src/host/model/local-runtime.ts';
import { type LocalModelOptions, localModel } from '../../../src/host/model/local.ts';
import type { Model, ModelEvent, ModelMessage, ModelRequest } from '../../../src/host/model/model.ts';
import {
  installScriptedRuntime,
  type Rule,
  scriptLog,
  writeScript,
} from '../../fixtures/local/scripted-model.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { WIRES } from './wire-models.ts';

const QUESTION: ModelMessage = { role: 'user', content: [{ type: 'text', text: 'How are you?' }] };
const SCHEMA = { type: 'object', properties: { answer: { type: 'string' } } } as const;
const TOOL = {
  name: 'weather__forecast',
  description: 'The weather.',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { anyOf: [{ type: 'integer' }, { type: 'string' }] } },
    required: ['city'],
  },
} as const;

interface World extends AsyncDisposable {
  readonly model: Model;
  readonly file: string;
  close(): Promise<void>;
}

async function openWorld(
  rules: readonly Rule[],
  options: Partial<LocalModelOptions> & { readonly withoutRuntime?: true } = {},
): Promise<World> {
  const folder = await temporaryFolder('local');
  mkdirSync(folder.path, { recursive: true });
  if (!options.withoutRuntime) installScriptedRuntime(folder.path);
  const file = writeScript(join(folder.path, 'model.gguf'), rules);
  const engines = createLocalEngines(() => loadLlamaModule(folder.path));
  const model = localModel({
    id: 'local/test',
    file,
    contextTokens: 2_048,
    tools: 'native',
    engines,
    ...options,
  });
  const close = async (): Promise<void> => engines[Symbol.asyncDispose]();
  return {
    model,
    file,
    close,
    async [Symbol.asyncDispose]() {
      await close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function answerOf(
  model: Model,
  request: Partial<ModelRequest> = {},
  signal = new AbortController().signal,
): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream({ messages: [QUESTION], tools: [], ...request }, { signal }))
    events.push(event);
  return events;
}

describe('what goes wrong', () => {
  test('without the runtime, or the file, the failure says what brings it', async () => {
    await using bare = await openWorld([], {
      withoutRuntime: true,
      pullCommand: 'switchyard models pull local-1.5b',
    });
    expect(await answerOf(bare.model)).toMatchObject([
      {
        type: 'error',
        failure: {
          code: 'not-found',
          message: expect.stringMatching(/node-llama-cpp.*"switchyard models pull local-1\.5b" installs it/),
        },
      },
    ]);
    await using gone = await openWorld([], { file: '/nonexistent/x.gguf' });
    expect((await answerOf(gone.model))[0]).toMatchObject({
      type: 'error',
      failure: { message: expect.stringMatching(/x\.gguf is not there\. Check "file"/) },
    });
  });

  test('a request that does not fit is told as such, and nothing of it is dropped', async () => {
    await using world = await openWorld([{ when: 'How', overflow: true }]);
    expect(await answerOf(world.model)).toMatchObject([
      {
        type: 'error',
        failure: { code: 'context-overflow', message: expect.stringContaining('2048 tokens') },
      },
    ]);
  });

  test('what the library throws is a failure of the model, and the next request is answered', async () => {
    await using world = await openWorld([
      { when: 'How', fail: 'out of\nmemory' },
      { when: 'Why', say: 'Because.' },
    ]);
    expect((await answerOf(world.model))[0]).toMatchObject({
      failure: { code: 'server-error', message: expect.stringContaining('out of memory') },
    });
    const why: ModelMessage = { role: 'user', content: [{ type: 'text', text: 'Why?' }] };
    expect((await answerOf(world.model, { messages: [why] })).at(-1)).toMatchObject({ type: 'message-end' });
  });

  test('an abort ends the answer, also of one that waits for its turn', async () => {
    await using world = await openWorld([{ when: 'How', say: 'I am', hang: true }]);
    const first = new AbortController();
    const second = new AbortController();
    const answering = answerOf(world.model, {}, first.signal);
    const waiting = answerOf(world.model, {}, second.signal);
    second.abort();
    first.abort();
    for (const events of [await answering, await waiting]) {
      expect(events.at(-1)).toMatchObject({ type: 'error', failure: { code: 'cancelled' } });
    }
    const generations = scriptLog(world.file).filter(({ event }) => event === 'generate');
    expect(generations.length).toBeLessThanOrEqual(1);
  });

  test('a reader that leaves ends the generation: the next request is not kept waiting', async () => {
    await using world = await openWorld([
      { when: 'How', say: 'I am', hang: true },
      { when: 'Why', say: 'Because.' },
    ]);
    const { signal } = new AbortController();
    for await (const event of world.model.stream({ messages: [QUESTION], tools: [] }, { signal })) {
      if (event.type === 'text-delta') break;
    }
    const why: ModelMessage = { role: 'user', content: [{ type: 'text', text: 'Why?' }] };
    expect((await answerOf(world.model, { messages: [why] })).at(-1)).toMatchObject({ type: 'message-end' });
  });

  test('one that has a tool a question takes no tools, and says how to name it', async () => {
    await using world = await openWorld([], { tools: 'grammar' });
    expect(world.model.limits.toolUse).toBe('single');
    expect(await answerOf(world.model, { tools: [TOOL] })).toMatchObject([
      {
        type: 'error',
        failure: { code: 'invalid-request', message: expect.stringContaining('alone under models') },
      },
    ]);
  });

  test.each(WIRES)('$wire refuses an output schema before it is asked', async ({ model }) => {
    const nowhere = 'http://127.0.0.1:9';
    const events = await answerOf(model({ url: nowhere, openaiUrl: nowhere }), { outputSchema: SCHEMA });
    expect(events).toMatchObject([
      {
        type: 'error',
        failure: { code: 'invalid-request', message: expect.stringContaining('output schema') },
      },
    ]);
  });
});

test('an answer comes in pieces, costs nothing, and its tokens are the library’s counts', async () => {
  await using world = await openWorld([{ when: 'How', say: 'I am well.' }]);
  const events = await answerOf(world.model, { system: 'Be kind.' });
  expect(events.filter(({ type }) => type === 'text-delta')).toHaveLength(3);
  expect(events.at(-1)).toMatchObject({
    type: 'message-end',
    message: { content: [{ type: 'text', text: 'I am well.' }] },
    stopReason: 'end',
    usage: { inputTokens: 3, outputTokens: 3, cacheReadTokens: 7, cacheWriteTokens: 0 },
    costUsd: 0,
  });
  expect(
    await world.model.costUsd({ inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 }),
  ).toBe(0);
  const log = scriptLog(world.file);
  expect(log[0]).toMatchObject({ event: 'load', build: 'never' });
  expect(log[1]).toMatchObject({ contextSize: 2_048, threads: Math.max(1, availableParallelism() - 1) });
  expect(log[2]).toMatchObject({ history: [{ type: 'system', text: 'Be kind.' }, { type: 'user' }] });
});

test('an answer by a schema is decoded under its grammar and comes whole', async () => {
  await using world = await openWorld([{ when: 'How', say: '{"answer":"well"}' }]);
  const events = await answerOf(world.model, { outputSchema: SCHEMA });
  expect(events.map(({ type }) => type)).toEqual(['message-end']);
  expect(scriptLog(world.file).at(-1)).toMatchObject({ schema: SCHEMA });
});

test('native tools: schemas, calls, and their results in the history', async () => {
  const calls = [{ functionName: TOOL.name, params: { city: 'Paris', days: null } }];
  await using world = await openWorld([
    { when: 'functionCall', say: 'It rains.' },
    { when: 'How', calls },
  ]);
  const [end] = await answerOf(world.model, { tools: [TOOL] });
  if (end?.type !== 'message-end') throw new Error('there was no answer');
  expect(end).toMatchObject({
    stopReason: 'tool-calls',
    message: { content: [{ type: 'tool-call', name: TOOL.name, arguments: { city: 'Paris' } }] },
  });
  expect(scriptLog(world.file).at(-1)?.['functions']).toEqual({
    [TOOL.name]: {
      description: 'The weather.',
      params: {
        type: 'object',
        properties: {
          city: { type: 'string' },
          days: { oneOf: [{ oneOf: [{ type: 'integer' }, { type: 'string' }] }, { type: 'null' }] },
        },
      },
    },
  });
  const [call] = end.message.content;
  if (call?.type !== 'tool-call') throw new Error('there was no call');
  const result = {
    callId: call.callId,
    name: call.name,
    isError: false,
    content: [{ type: 'text', text: 'rain' }],
  } as const;
  const messages: ModelMessage[] = [QUESTION, end.message, { role: 'tool', results: [result] }];
  await answerOf(world.model, { tools: [TOOL], messages });
  expect(scriptLog(world.file).at(-1)).toMatchObject({
    history: [
      { type: 'user' },
      { type: 'model', response: [{ type: 'functionCall', params: { city: 'Paris' }, result: 'rain' }] },
    ],
  });
});

test('two models of one file are loaded once, and closing frees it once', async () => {
  await using world = await openWorld([{ when: 'How', say: 'Well.' }]);
  await Promise.all([answerOf(world.model), answerOf(world.model)]);
  await world.close();
  await world.close();
  const events = scriptLog(world.file).map(({ event }) => event);
  expect(events).toEqual(['load', 'context', 'generate', 'generate', 'dispose']);
  expect((await answerOf(world.model))[0]).toMatchObject({ type: 'error' });
});
