import { afterEach, beforeEach, expect, test } from 'vitest';

import { PROVIDER_NAMES } from '../../src/config/provider-names.ts';
import { PROVIDERS } from '../../src/host/model/providers.ts';
import { type ConfigFolder, configFolder, failureOf } from './config-folder.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = configFolder();
});
afterEach(() => folder[Symbol.dispose]());

const load = (value: unknown) => folder.loadText(JSON.stringify(value, null, 1));

test('limits of providers and of models are read, also of providers that only a base URL makes', async () => {
  const modelLimits = {
    anthropic: { maxConcurrent: 2 },
    'openai/gpt-6-sol': { requestsPerMinute: 60, tokensPerMinute: 200_000 },
    house: { maxConcurrent: 1 },
  };
  const models = { default: [{ model: 'house/m', baseUrl: 'https://models.example.org/v1' }] };
  expect((await load({ models, modelLimits })).modelLimits).toEqual(modelLimits);
  expect((await load({})).modelLimits).toEqual({});
});

test.each([
  ['a provider that is not there', { antropic: {} }, 'modelLimits.antropic', "Did you mean 'anthropic'?"],
  ['a model of one', { 'opnai/gpt': {} }, 'modelLimits["opnai/gpt"]', "Did you mean 'openai'?"],
  ['models in this process', { local: { maxConcurrent: 1 } }, 'modelLimits.local', 'no provider'],
  ['a key that is not there', { openai: { maxConcurent: 1 } }, 'maxConcurent', 'maxConcurrent'],
  ['no number', { openai: { maxConcurrent: 0 } }, 'modelLimits.openai.maxConcurrent', '1'],
])('%s is an error with its place', async (_, modelLimits, place, message) => {
  const failure = await failureOf(load({ modelLimits }));
  expect(failure.message).toContain(place);
  expect(failure.message).toContain(message);
});

test('the names of providers are those of what is known of them', () => {
  expect([...PROVIDERS.keys()]).toEqual([...PROVIDER_NAMES]);
});
