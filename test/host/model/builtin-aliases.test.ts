import { mkdir, truncate, writeFile } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { createLocalEngines } from '../../../src/host/model/local-engine.ts';
import { TIER_MODELS } from '../../../src/host/model/providers.ts';
import { LatencyBook } from '../../../src/host/model/routing/latency-book.ts';
import { requestTokens } from '../../../src/host/agent/expected-cost.ts';
import { resolveModels, type ResolveOptions } from '../../../src/host/model/resolve.ts';
import { LOCAL_MODELS } from '../../../src/local-model/catalog.ts';
import { modelFile, modelsFolder } from '../../../src/local-model/folder.ts';
import { installScriptedRuntime } from '../../fixtures/local/scripted-model.ts';
import { startModelServer } from '../../fixtures/model/model-server.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { readAnswer } from './read-answer.ts';

const ALIASES = ['fast', 'smart', 'cheap', 'local'] as const;
const NOWHERE = { OLLAMA_HOST: '127.0.0.1:9' };
const ANTHROPIC = { ANTHROPIC_API_KEY: 'sk-ant-0123456' };
const OPENAI = { OPENAI_API_KEY: 'sk-openai-0123456' };
const local = { homeFolder: '/nonexistent/switchyard', engines: createLocalEngines(async () => undefined) };
const routing = { latencies: new LatencyBook(), estimate: requestTokens, problems: async () => [] };
const lmStudioBaseUrl = 'http://127.0.0.1:9/v1';
const PROMPT = { inputTokens: 1_000, outputTokens: 1_000, cacheReadTokens: 0, cacheWriteTokens: 0 };

function resolve(options: Partial<ResolveOptions> & Pick<ResolveOptions, 'env'>) {
  return resolveModels({ routing, local, configured: {}, lmStudioBaseUrl, ...options });
}

function serving(...models: readonly string[]) {
  return startModelServer({ models, script: ({ model }) => ({ type: 'answer', text: `I am ${model}.` }) });
}

describe('fast, smart, cheap and local without a config', () => {
  test.each(ALIASES)(
    'with nothing in reach, %s fails and says which models there are and what to set',
    async (alias) => {
      const set = await resolve({ env: NOWHERE });
      const advice =
        alias === 'local'
          ? /on this machine.*Known: default\..*models pull local/
          : /Known: default\..*ANTHROPIC_API_KEY/;
      expect(() => set.get(alias)).toThrow(advice);
      expect(Object.keys(set.aliases)).toEqual(['default']);
    },
  );

  test('local fails where only keys are set, and names what they reach', async () => {
    const set = await resolve({ env: { ...NOWHERE, ...ANTHROPIC } });
    expect(() => set.get('local')).toThrow(/for 'local'. Known: default, fast, smart, cheap\./);
  });

  test('each key adds its provider, in the order that suits the alias', async () => {
    const both = await resolve({ env: { ...NOWHERE, ...ANTHROPIC, ...OPENAI } });
    const names = (alias: keyof typeof TIER_MODELS) => TIER_MODELS[alias].map(({ model }) => model);
    expect(both.aliases).toMatchObject({ fast: names('fast'), smart: names('smart'), cheap: names('cheap') });
    expect(both.get('smart')?.id).toBe(names('smart')[0]);
    const openai = await resolve({ env: { ...NOWHERE, ...OPENAI } });
    for (const alias of ['fast', 'smart', 'cheap'] as const)
      expect(openai.aliases[alias]).toEqual(names(alias).filter((name) => name.startsWith('openai/')));
  });

  test('every model that they mean has a price and a window in the table, and cheap costs less than smart', async () => {
    const set = await resolve({ env: { ...NOWHERE, ...ANTHROPIC, ...OPENAI } });
    const cost = async (id: string): Promise<number> => (await set.get(id)?.costUsd(PROMPT)) ?? Number.NaN;
    const [fast = [], smart = [], cheap = []] = (['fast', 'smart', 'cheap'] as const).map((alias) =>
      TIER_MODELS[alias].map(({ model }) => model),
    );
    for (const id of [...fast, ...smart, ...cheap]) {
      expect(await cost(id), id).toBeGreaterThan(0);
      expect(set.get(id)?.limits.contextWindowTokens, id).toBeGreaterThan(100_000);
    }
    const inOrder = await Promise.all(cheap.map(cost));
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
    expect(Math.max(...inOrder)).toBeLessThan(await cost(smart[0] ?? ''));
  });

  test('without a key a server on this machine answers: the largest for smart, the smallest for fast', async () => {
    await using ollama = await serving(
      'nomic-embed-text',
      'qwen3:8b',
      'gpt-oss:120b',
      'llama3.2:3b',
      'mystery',
    );
    const set = await resolve({ env: { OLLAMA_HOST: ollama.url } });
    expect(set.aliases).toEqual({
      default: ['ollama/qwen3:8b'],
      fast: ['ollama/llama3.2:3b'],
      smart: ['ollama/gpt-oss:120b'],
      cheap: ['ollama/llama3.2:3b'],
      local: ['ollama/qwen3:8b'],
    });
    const smart = set.get('smart');
    expect(smart && (await readAnswer(smart)).text).toBe('I am gpt-oss:120b.');
  });

  test('what runs on this machine is no stand-in for a provider with a key, but all that local means', async () => {
    await using lmStudio = await serving('gemma-4');
    const set = await resolve({ env: { ...NOWHERE, ...OPENAI }, lmStudioBaseUrl: lmStudio.openaiUrl });
    expect(set.aliases['fast']).toEqual(['openai/gpt-6-luna']);
    expect(set.aliases['local']).toEqual(['lmstudio/gemma-4']);
    const near = set.get('local');
    expect(near && (await readAnswer(near)).text).toBe('I am gemma-4.');
  });

  test('another server behind OPENAI_BASE_URL is taken for what it lists', async () => {
    await using server = await serving('qwen3-4b', 'qwen3-32b');
    const env = { ...NOWHERE, ...OPENAI, OPENAI_BASE_URL: server.openaiUrl };
    const { aliases } = await resolve({ env });
    expect(aliases).toMatchObject({
      fast: ['openai/qwen3-4b'],
      smart: ['openai/qwen3-32b'],
      local: ['openai/qwen3-4b'],
    });
  });

  test('a pulled model is what all of them mean where there is nothing else', async () => {
    await using folder = await temporaryFolder('aliases');
    const [best] = LOCAL_MODELS.filter((model) => model.isDefault);
    if (best === undefined) throw new Error('the catalog has lost its models');
    await mkdir(modelsFolder(folder.path), { recursive: true });
    await writeFile(modelFile(folder.path, best), '');
    await truncate(modelFile(folder.path, best), best.sizeBytes);
    installScriptedRuntime(folder.path);
    const set = await resolve({ local: { ...local, homeFolder: folder.path }, env: NOWHERE });
    for (const alias of ALIASES) expect(set.get(alias)).toMatchObject({ id: best.id });
  });

  test('an entry of the config stands in the place of the alias of its name, and of no other', async () => {
    const configured = { fast: [{ model: 'ollama/own' }] };
    const set = await resolve({ configured, env: { ...NOWHERE, ...ANTHROPIC } });
    expect(set.get('fast')?.id).toBe('ollama/own');
    expect(set.get('smart')?.id).toBe(TIER_MODELS.smart[0].model);
    expect(set.aliases['fast']).toEqual(['ollama/own']);
  });
});
