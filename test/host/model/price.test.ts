import { expect, test } from 'vitest';

import { pricingOf } from '../../../src/host/model/price.ts';

const MILLION = { inputTokens: 1e6, outputTokens: 1e6, cacheReadTokens: 1e6, cacheWriteTokens: 1e6 };
const OPENAI = 'https://api.openai.com/v1';

test.each([
  ['a model that no table knows', 'openai/never-heard', OPENAI],
  ['a provider that no table knows', 'acme/model', 'https://acme.example/v1'],
  ['a known model behind a proxy', 'openai/gpt-5', 'http://127.0.0.1:4000/v1'],
  ['a model of Ollama in the cloud', 'ollama/gpt-oss:120b-cloud', 'http://127.0.0.1:11434/v1'],
  ['Ollama on another machine', 'ollama/qwen3', 'http://10.0.0.7:11434/v1'],
])('the price of %s is unknown', async (_, modelId, baseUrl) => {
  const pricing = pricingOf({ modelId, baseUrl });
  expect(await pricing.costUsd(MILLION)).toBeUndefined();
});

test('unknown usage has an unknown cost', async () => {
  const usage = {
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    unknown: true,
  } as const;
  expect(await pricingOf({ modelId: 'openai/gpt-5', baseUrl: OPENAI }).costUsd(usage)).toBeUndefined();
});

test('the table counts caches at their own price', async () => {
  const pricing = pricingOf({ modelId: 'anthropic/claude-sonnet-4-5', baseUrl: 'https://api.anthropic.com' });
  const small = { inputTokens: 1000, outputTokens: 1000, cacheReadTokens: 1000, cacheWriteTokens: 1000 };
  expect(await pricing.costUsd(small)).toBeCloseTo((3 + 15 + 0.3 + 3.75) / 1000, 9);
});

test('a configured price stands above the table, and other caches cost as much as input', async () => {
  const price = { inputUsdPerMillion: 2, outputUsdPerMillion: 10, cacheReadUsdPerMillion: 0.5 };
  const pricing = pricingOf({ modelId: 'openai/gpt-5', baseUrl: 'http://127.0.0.1:4000/v1', price });
  expect(await pricing.costUsd(MILLION)).toBeCloseTo(2 + 10 + 0.5 + 2, 9);
});

test.each(['ollama/qwen3', 'lmstudio/qwen3'])('%s on this machine costs nothing', async (modelId) => {
  expect(await pricingOf({ modelId, baseUrl: 'http://localhost:11434/v1' }).costUsd(MILLION)).toBe(0);
});
