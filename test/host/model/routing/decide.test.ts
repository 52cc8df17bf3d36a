import { describe, expect, test } from 'vitest';

import type { HostError } from '../../../../src/errors.ts';
import type { Model, ModelLimits } from '../../../../src/host/model/model.ts';
import { decide, type RouteSettings } from '../../../../src/host/model/routing/decide.ts';
import type { RouteFacts } from '../../../../src/host/model/routing/facts.ts';
import { LatencyBook } from '../../../../src/host/model/routing/latency-book.ts';
import type { RoutedCandidate } from '../../../../src/host/model/routing/routing.ts';

const EASY: RouteFacts = {
  text: 'What is 2+2',
  before: [],
  minTools: 0,
  toolCount: 0,
  inputTokens: 1_000,
  historyTokens: 0,
  images: false,
  audio: false,
  outputSchema: false,
  moneyLimit: false,
};
const HARD: RouteFacts = {
  ...EASY,
  text: 'Refactor src/pay.ts into three services and migrate the tests. Then explain the trade-offs, design a plan, and also debug the race condition without changing the schema.',
};

interface Offered {
  readonly name: string;
  /** For a million tokens, in and out; undefined is unknown. */
  readonly usd?: number;
  readonly limits?: Partial<ModelLimits>;
  readonly upTo?: number;
  readonly goodAt?: RoutedCandidate['goodAt'];
  readonly problem?: string;
}

const WEAK: Offered = { name: 'a/weak', usd: 1, upTo: 30 };
const STRONG: Offered = { name: 'a/strong', usd: 10, upTo: 100 };

function candidate({ name, usd, limits = {}, upTo = 100, goodAt = [], problem }: Offered): RoutedCandidate {
  const model: Model = {
    id: name,
    limits: { maxTools: 128, ...limits },
    costUsd: async ({ inputTokens, outputTokens }) =>
      usd === undefined ? undefined : ((inputTokens + outputTokens) * usd) / 1e6,
    stream: () => {
      throw new Error('nothing is asked to decide');
    },
  };
  return { name, model, upTo, goodAt, ...(problem === undefined ? {} : { problem }) };
}

function choose(offered: readonly Offered[], facts = EASY, settings: Partial<RouteSettings> = {}) {
  return decide(offered.map(candidate), facts, {
    alias: 'auto',
    by: { complexity: 1, cost: 1, latency: 1 },
    outputTokens: 500,
    latencies: new LatencyBook(),
    ...settings,
  });
}

describe('what cannot take a request', () => {
  test('is no choice: where none is left, the error says of each why, and where to change it', async () => {
    const failure = choose(
      [
        { name: 'a/blind', limits: { accepts: { images: false, audio: false } } },
        { name: 'a/keyless', problem: 'no key: set A_KEY' },
        { name: 'a/single', limits: { toolUse: 'single' } },
        { name: 'a/narrow', limits: { maxTools: 2 } },
      ],
      { ...EASY, images: true, minTools: 3 },
    );
    await expect(failure).rejects.toMatchObject({ code: 'no-model-fits' } satisfies Partial<HostError>);
    await expect(failure).rejects.toThrow(
      /model 'auto'.*a\/blind \(takes no images\), a\/keyless \(no key: set A_KEY\), a\/single \(gets one tool.*\), a\/narrow \(takes 2 tools at most, and 3 are offered\)\..*mcp\.config\.json/,
    );
  });

  test('an unknown price is no choice under a money limit, and is one without', async () => {
    const unpriced = { name: 'b/unpriced' };
    expect((await choose([unpriced, STRONG])).order).toContain('b/unpriced');
    const limited = await choose([unpriced, STRONG], { ...EASY, moneyLimit: true });
    expect(limited.order).toEqual(['a/strong']);
    expect(limited.candidates[0]).toMatchObject({ leftOut: expect.stringContaining('unknown price') });
    await expect(choose([unpriced], { ...EASY, moneyLimit: true })).rejects.toThrow(/unknown price/);
  });

  test.each([
    ['images', { images: true }, { accepts: { images: true, audio: false } }],
    ['sound', { audio: true }, { accepts: { images: true, audio: true } }],
    ['an output schema', { outputSchema: true }, { outputSchema: true as const }],
    ['tools', { minTools: 9 }, { maxTools: 9 }],
    ['a long conversation', { inputTokens: 90_000 }, { contextWindowTokens: 100_000 }],
  ])('a request with %s goes to the one that takes it, however dear', async (_, facts, limits) => {
    const lesser: Offered = {
      name: 'a/lesser',
      usd: 0,
      limits: { maxTools: 8, contextWindowTokens: 32_000, accepts: { images: false, audio: false } },
    };
    const { order } = await choose([lesser, { name: 'a/able', usd: 99, limits }], { ...EASY, ...facts });
    expect(order).toEqual(['a/able']);
  });

  test('a request that is too long for all goes to the largest window that may answer', async () => {
    const window = (name: string, contextWindowTokens: number, more: Partial<Offered> = {}): Offered => ({
      name,
      limits: { contextWindowTokens },
      ...more,
    });
    const { order, candidates } = await choose(
      [window('a/8k', 8_000), window('a/32k', 32_000), window('a/99k', 99_000, { problem: 'no key' })],
      { ...EASY, inputTokens: 200_000 },
    );
    expect(order).toEqual(['a/32k']);
    expect(candidates[0]?.leftOut).toBe('has a window of 8000 tokens, and the request has about 200000');
  });
});

describe('who is taken of those that can', () => {
  test('the cheap one for an easy request, the strong one for a hard one, with reasons', async () => {
    const easy = await choose([WEAK, STRONG]);
    expect(easy.order).toEqual(['a/weak', 'a/strong']);
    expect(easy.candidates[0]?.reasons.join('; ')).toMatch(
      /strong enough: up to 30.*\+27 cost: about \$0\.0015/,
    );
    const hard = await choose([WEAK, STRONG], HARD);
    expect(hard.order).toEqual(['a/strong', 'a/weak']);
    expect(hard.complexity.domain).toBe('code');
    expect(hard.candidates[0]?.reasons[0]).toMatch(/^−\d+ too weak: up to 30, and the request has \d\d/);
  });

  test('where only complexity counts, the first that is strong enough', async () => {
    const { order } = await choose([{ ...WEAK, usd: 99 }, STRONG], EASY, { by: { complexity: 1 } });
    expect(order[0]).toBe('a/weak');
  });

  test('who is good at the subject is rather taken', async () => {
    const { order } = await choose([STRONG, { ...STRONG, name: 'a/coder', goodAt: ['code'] }], HARD);
    expect(order[0]).toBe('a/coder');
  });

  test('weights turn the choice: the fast one where time counts more than money', async () => {
    const latencies = new LatencyBook();
    latencies.record('a/weak', { firstTokenMs: 4_000, msPerToken: 20 });
    latencies.record('a/strong', { firstTokenMs: 200, msPerToken: 5 });
    const usual = await choose([WEAK, STRONG], EASY, { latencies });
    expect(usual.order[0]).toBe('a/weak');
    const hurried = await choose([WEAK, STRONG], EASY, { latencies, by: { cost: 1, latency: 4 } });
    expect(hurried.order[0]).toBe('a/strong');
    expect(hurried.candidates[1]?.reasons.join('; ')).toContain('time: about 2700 ms');
  });

  test('who was not measured yet is taken for middling, and the same numbers give the same choice', async () => {
    const latencies = new LatencyBook();
    latencies.record('a/slow', { firstTokenMs: 1_000 });
    latencies.record('a/fast', { firstTokenMs: 100 });
    const offered = ['a/slow', 'a/new', 'a/fast'].map((name) => ({ name, usd: 1 }));
    const first = await choose(offered, EASY, { latencies });
    expect(first.order).toEqual(['a/fast', 'a/new', 'a/slow']);
    expect(await choose(offered, EASY, { latencies })).toEqual(first);
  });
});
