import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import { DEFAULT_MODELS } from '../../../src/host/model/providers.ts';
import { ollamaBaseUrl } from '../../../src/host/model/local-servers.ts';
import { createLocalEngines } from '../../../src/host/model/local-engine.ts';
import { LatencyBook } from '../../../src/host/model/routing/latency-book.ts';
import { requestTokens } from '../../../src/host/agent/expected-cost.ts';
import { resolveModels } from '../../../src/host/model/resolve.ts';
import { LOCAL_MODELS, type LocalModelEntry } from '../../../src/local-model/catalog.ts';
import { modelFile, modelsFolder } from '../../../src/local-model/folder.ts';
import { installScriptedRuntime } from '../../fixtures/local/scripted-model.ts';
import { startModelServer } from '../../fixtures/model/model-server.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { readAnswer } from './read-answer.ts';

const ONE_TOKEN = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };
const NOWHERE = { OLLAMA_HOST: '127.0.0.1:9' };
/** Nothing is pulled there. */
const local = { homeFolder: '/nonexistent/switchyard', engines: createLocalEngines(async () => undefined) };
const routing = { latencies: new LatencyBook(), estimate: requestTokens, problems: async () => [] };
const lmStudioBaseUrl = 'http://127.0.0.1:9/v1';
const serving = (...models: readonly string[]) =>
  startModelServer({ models, script: ({ model }) => ({ type: 'answer', text: `I am ${model}.` }) });

describe('without configuration', () => {
  test('nothing in reach: no default, and a line that says how to set one up', async () => {
    const set = await resolveModels({ routing, local, configured: {}, env: NOWHERE, lmStudioBaseUrl });
    expect(set.get('default')).toBeUndefined();
    expect(set.choice).toMatch(/No model is in reach.*ANTHROPIC_API_KEY.*Ollama/);
    expect(set.choice).not.toContain('\n');
  });

  test('a server that hangs is not waited for', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const startedAt = performance.now();
    const set = await resolveModels({
      routing,
      local,
      configured: {},
      env: { OLLAMA_HOST: `127.0.0.1:${port}` },
      lmStudioBaseUrl,
      probeTimeoutMs: 50,
    });
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(set.get('default')).toBeUndefined();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test('an Ollama with nothing but an embedder is told', async () => {
    await using server = await serving('nomic-embed-text:latest');
    const set = await resolveModels({
      routing,
      local,
      configured: {},
      env: { OLLAMA_HOST: server.url },
      lmStudioBaseUrl,
    });
    expect(set.get('default')).toBeUndefined();
    expect(set.choice).toContain('Ollama answers but has no chat model');
  });

  test('Anthropic first, then OpenAI, and the price table knows both defaults', async () => {
    const keys = { ...NOWHERE, OPENAI_API_KEY: 'sk-openai-0123456' };
    const openai = await resolveModels({ routing, local, configured: {}, env: keys, lmStudioBaseUrl });
    expect(openai.choice).toBe(`Model: openai/${DEFAULT_MODELS.openai} (OPENAI_API_KEY is set).`);
    const env = { ...keys, ANTHROPIC_API_KEY: 'sk-ant-0123456' };
    const both = await resolveModels({ routing, local, configured: {}, env, lmStudioBaseUrl });
    expect(both.choice).toContain(`anthropic/${DEFAULT_MODELS.anthropic}`);
    expect(both.choice).not.toContain('0123456');
    for (const set of [openai, both]) {
      expect(await set.get('default')?.costUsd(ONE_TOKEN)).toBeGreaterThan(0);
      expect(set.get('default')?.limits.contextWindowTokens).toBeGreaterThan(100_000);
    }
  });

  test('a server behind OPENAI_BASE_URL is asked for its own models', async () => {
    await using server = await serving('text-embedding-3-small', 'qwen3-32b');
    const env = { ...NOWHERE, OPENAI_API_KEY: 'sk-local-0123456', OPENAI_BASE_URL: server.openaiUrl };
    const set = await resolveModels({ routing, local, configured: {}, env, lmStudioBaseUrl });
    const model = set.get('default');
    expect(model?.id).toBe('openai/qwen3-32b');
    if (model === undefined) return;
    expect((await readAnswer(model)).text).toBe('I am qwen3-32b.');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-local-0123456');
  });

  test('Ollama before LM Studio, each with a chat model that it lists, free of charge', async () => {
    await using ollama = await serving('nomic-embed-text', 'qwen3:8b');
    await using lmStudio = await serving('text-embedding-nomic', 'gemma-4');
    const options = { configured: {}, lmStudioBaseUrl: lmStudio.openaiUrl };
    const first = (await resolveModels({ routing, local, ...options, env: { OLLAMA_HOST: ollama.url } })).get(
      'default',
    );
    const second = (await resolveModels({ routing, local, ...options, env: NOWHERE })).get('default');
    expect([first?.id, second?.id]).toEqual(['ollama/qwen3:8b', 'lmstudio/gemma-4']);
    if (first === undefined || second === undefined) return;
    expect((await readAnswer(first)).end).toMatchObject({
      message: { content: [{ text: 'I am qwen3:8b.' }] },
      costUsd: 0,
    });
    expect((await readAnswer(second)).text).toBe('I am gemma-4.');
  });

  test.each([
    [undefined, 'http://127.0.0.1:11434/v1'],
    ['0.0.0.0:11434', 'http://127.0.0.1:11434/v1'],
    ['gpu.local', 'http://gpu.local:11434/v1'],
    [':5000', 'http://127.0.0.1:5000/v1'],
    ['https://ollama.example/', 'https://ollama.example/v1'],
    ['http://h:1/v1', 'http://h:1/v1'],
    ['://', 'http://127.0.0.1:11434/v1'],
  ])('OLLAMA_HOST %s is %s', (OLLAMA_HOST, expected) => {
    expect(ollamaBaseUrl({ OLLAMA_HOST })).toBe(expected);
  });
});

describe('with configuration', () => {
  test('an unknown provider names the known ones and the nearest; an unknown alias names the aliases', async () => {
    const configured = { fast: [{ model: 'opnai/gpt-5' }] };
    const set = await resolveModels({ routing, local, configured, env: NOWHERE, lmStudioBaseUrl });
    expect(() => set.get('fast')).toThrow(/Unknown provider 'opnai'.*Did you mean 'openai'/);
    expect(() => set.get('slow')).toThrow(/no model 'slow'. Known: default, fast/);
    expect(() => set.get('openai/')).toThrow(/written provider\/name/);
  });

  test('a missing key names its variable, in the choice and in the failure, and the next candidate answers', async () => {
    await using server = await serving();
    const here = { model: 'acme/small', baseUrl: server.openaiUrl };
    const configured = {
      default: [{ model: 'groq/llama' }, here],
      alone: [{ model: 'gemini/gemini-3.8-flash' }],
    };
    const set = await resolveModels({ routing, local, configured, env: {} });
    expect(set.choice).toBe(
      'Model: groq/llama (no key: set GROQ_API_KEY), then acme/small (models.default of the config).',
    );
    const [both, alone] = [set.get('default'), set.get('alone')];
    if (both === undefined || alone === undefined) throw new Error('two models expected');
    const answer = await readAnswer(both);
    expect(answer.events[0]).toMatchObject({
      type: 'restart',
      reason: 'fallback',
      failure: { code: 'authentication' },
    });
    expect(answer.end?.model).toBe('acme/small');
    expect((await readAnswer(alone)).failure?.message).toContain('Set GEMINI_API_KEY or GOOGLE_API_KEY');
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test('a key of the environment never goes to a base URL that the config names', async () => {
    await using server = await serving();
    const env = { OPENAI_API_KEY: 'sk-of-openai-0123456', ANTHROPIC_API_KEY: 'sk-ant-0123456' };
    const configured = {
      default: [{ model: 'openai/any', baseUrl: server.openaiUrl }],
      other: [{ model: 'anthropic/any', baseUrl: server.url }],
      own: [{ model: 'anthropic/any', baseUrl: server.url, apiKey: 'given' }],
    };
    const set = await resolveModels({ routing, local, configured, env });
    for (const alias of ['default', 'other', 'own']) {
      const model = set.get(alias);
      if (model !== undefined) await readAnswer(model);
    }
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer given']);
    expect(JSON.stringify(server.requests)).not.toContain('0123456');
  });

  test('limits and price of the config hold', async () => {
    const candidate = {
      model: 'vllm/x',
      baseUrl: 'http://127.0.0.1:9/v1',
      maxTools: 16,
      contextWindowTokens: 8192,
      maxOutputTokens: 512,
      price: { inputUsdPerMillion: 1, outputUsdPerMillion: 2 },
    };
    const set = await resolveModels({ routing, local, configured: { default: [candidate] }, env: {} });
    expect(set.get('default')?.limits).toEqual({
      maxTools: 16,
      contextWindowTokens: 8192,
      maxOutputTokens: 512,
    });
    expect(await set.get('default')?.costUsd(ONE_TOKEN)).toBeCloseTo(0.000_003, 9);
    expect(set.get('default')).toBe(set.get('default'));
  });
});

describe('local models', () => {
  test('one that is pulled is taken after keys and servers; the smallest never unasked', async () => {
    await using folder = await temporaryFolder('resolve');
    const here = { ...local, homeFolder: folder.path };
    const [small] = LOCAL_MODELS.filter((model) => !model.isDefault);
    const [best] = LOCAL_MODELS.filter((model) => model.isDefault);
    if (small === undefined || best === undefined) throw new Error('the catalog has lost its models');
    const choiceOf = async (env: Record<string, string>): Promise<string> =>
      (await resolveModels({ routing, local: here, configured: {}, env, lmStudioBaseUrl })).choice;
    const pull = async (model: LocalModelEntry): Promise<void> => {
      await mkdir(modelsFolder(folder.path), { recursive: true });
      await writeFile(modelFile(folder.path, model), '');
      // As large as it should be, and empty: it takes no room.
      await truncate(modelFile(folder.path, model), model.sizeBytes);
    };
    await pull(small);
    installScriptedRuntime(folder.path);
    expect(await choiceOf(NOWHERE)).toMatch(/^No model is in reach.*"switchyard models pull local"/);
    await pull(best);
    expect(await choiceOf(NOWHERE)).toBe(
      `Model: ${best.id} (no key is set, no model server has a chat model, and ${best.name} is pulled).`,
    );
    expect(await choiceOf({ ...NOWHERE, OPENAI_API_KEY: 'sk-0123456789' })).toContain('openai/');
    await using server = await serving('qwen3:8b');
    expect(await choiceOf({ OLLAMA_HOST: server.url })).toContain('ollama/qwen3:8b');
  });

  test('a list with both kinds: the small one stands in where no other has a key', async () => {
    const configured = { default: [{ model: 'openai/gpt-6-sol' }, { model: 'local/1.5b' }] };
    const without = await resolveModels({ routing, local, configured, env: NOWHERE, lmStudioBaseUrl });
    expect(without.get('default')).toMatchObject({ id: 'local/1.5b', limits: { toolUse: 'single' } });
    const env = { ...NOWHERE, OPENAI_API_KEY: 'sk-0123456789' };
    const withKey = await resolveModels({ routing, local, configured, env, lmStudioBaseUrl });
    expect(withKey.get('default')?.id).toBe('openai/gpt-6-sol');
    expect(withKey.get('default')?.limits.toolUse).toBeUndefined();
    expect(withKey.choice).toContain('local/1.5b (left out');
  });

  test('any GGUF file can be named, and calls tools in its own way unless it is said to be small', async () => {
    const file = '/nonexistent/my.gguf';
    const configured = {
      mine: [{ model: 'local/mine', file, contextWindowTokens: 32_768 }],
      small: [{ model: 'local/mine', file, tools: 'grammar' as const }],
    };
    const set = await resolveModels({ routing, local, configured, env: NOWHERE, lmStudioBaseUrl });
    expect(set.get('mine')?.limits).toMatchObject({ contextWindowTokens: 32_768 });
    expect(set.get('mine')?.limits.toolUse).toBeUndefined();
    expect(set.get('small')?.limits.toolUse).toBe('single');
    expect(() => set.get('local/7b')).toThrow(/no model 'local\/7b'.*local\/1\.5b.*"file"/);
  });
});
