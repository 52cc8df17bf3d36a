import { describe, expect, test } from 'vitest';

import type { ModelCandidate } from '../../../../src/config/model-candidate.ts';
import { requestTokens } from '../../../../src/host/agent/expected-cost.ts';
import { createLocalEngines } from '../../../../src/host/model/local-engine.ts';
import { resolveModels } from '../../../../src/host/model/resolve.ts';
import { LatencyBook } from '../../../../src/host/model/routing/latency-book.ts';
import { startModelServer } from '../../../fixtures/model/model-server.ts';
import { readAnswer } from '../read-answer.ts';

const USAGE = { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0 };

async function auto(candidates: readonly ModelCandidate[]) {
  const set = await resolveModels({
    configured: { auto: { type: 'route', candidates: candidates.map((model) => ({ model })) } },
    env: { OLLAMA_HOST: '127.0.0.1:9' },
    lmStudioBaseUrl: 'http://127.0.0.1:9/v1',
    local: { homeFolder: '/nonexistent/switchyard', engines: createLocalEngines(async () => undefined) },
    routing: { latencies: new LatencyBook(), estimate: requestTokens, problems: async () => [] },
  });
  const model = set.get('auto');
  if (model === undefined) throw new Error('a route is always a model');
  return model;
}

function priced(model: string, usdPerMillion: number, more: Partial<ModelCandidate> = {}): ModelCandidate {
  const price = { inputUsdPerMillion: usdPerMillion, outputUsdPerMillion: usdPerMillion };
  return { model, baseUrl: 'http://127.0.0.1:9/v1', price, ...more };
}

describe('a routed model', () => {
  test('of which nobody can answer fails by an event, as any model does', async () => {
    const { failure, events } = await readAnswer(
      await auto([{ model: 'groq/keyless' }, { model: 'gemini/keyless' }]),
    );
    expect(events).toHaveLength(1);
    expect(failure).toMatchObject({ code: 'invalid-request', retryable: false, model: 'auto' });
    expect(failure?.message).toMatch(/groq\/keyless \(no key: set GROQ_API_KEY\), gemini\/keyless \(no key/);
  });

  test('costs what the dearest of those costs that may answer, and nobody knows what where one has no price', async () => {
    const known = await auto([priced('a/cheap', 1), priced('a/dear', 7), { model: 'groq/keyless' }]);
    expect(await known.costUsd(USAGE)).toBeCloseTo((1_100 * 7) / 1e6, 9);
    const unknown = await auto([
      priced('a/cheap', 1),
      { model: 'a/unpriced', baseUrl: 'http://127.0.0.1:9/v1' },
    ]);
    expect(await unknown.costUsd(USAGE)).toBeUndefined();
    expect(await unknown.routing?.take(['a/cheap'])?.costUsd(USAGE)).toBeCloseTo(1_100 / 1e6, 9);
  });

  test('has the widest limits, and once chosen those of the model that answers', async () => {
    const small = priced('a/small', 1, { contextWindowTokens: 8_000, maxTools: 10, accepts: [] });
    const large = priced('a/large', 1, {
      contextWindowTokens: 90_000,
      maxTools: 99,
      accepts: ['images', 'audio'],
    });
    const model = await auto([small, large]);
    expect(model.limits).toEqual({
      contextWindowTokens: 90_000,
      maxTools: 99,
      accepts: { images: true, audio: true },
    });
    expect(model.routing?.take(['a/small', 'a/large'])).toMatchObject({
      id: 'a/small',
      limits: { contextWindowTokens: 8_000, maxTools: 10 },
    });
    expect(model.routing?.take(['a/gone'])).toBeUndefined();
    expect(model.routing?.take(['a/gone', 'a/large'])?.id).toBe('a/large');
  });

  test('who streams from it without choosing gets the choice of the moment', async () => {
    await using server = await startModelServer({
      script: ({ model }) => ({ type: 'answer', text: `I am ${model}.` }),
    });
    const model = await auto([
      priced('a/dear', 7, { baseUrl: server.openaiUrl }),
      priced('a/cheap', 1, { baseUrl: server.openaiUrl }),
    ]);
    expect((await readAnswer(model)).text).toBe('I am cheap.');
  });

  test('the same model at two addresses is two candidates', async () => {
    const at = (baseUrl: string) => priced('a/twin', 1, { baseUrl });
    const model = await auto([at('http://127.0.0.1:9/v1'), at('http://127.0.0.1:10/v1')]);
    const decision = await model.routing?.choose({ messages: [], tools: [] });
    expect(decision?.order).toEqual(['a/twin', 'a/twin (2)']);
  });
});
