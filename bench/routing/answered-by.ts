/** Which of three models a routed alias has answer each request, and what the answers cost. */
import { complexityOf } from '../../src/host/model/routing/complexity.ts';
import { type Rateable, rate } from '../../src/host/model/routing/rate.ts';
import { pricingOf } from '../../src/host/model/price.ts';
import { PROVIDERS, TIER_MODELS } from '../../src/host/model/providers.ts';
import { estimateTokens } from '../../src/host/model/token-estimate.ts';
import { mean, seededRandom } from '../report.ts';
import type { DomainRequest } from './domains.ts';

/** What an answer is taken to be, as a route takes it by default. */
const OUTPUT_TOKENS = 500;

interface Tier {
  readonly model: string;
  readonly upTo: number;
}

export interface Answered {
  readonly name: string;
  /** By model: how many of the requests it answers. */
  readonly share: ReadonlyMap<string, number>;
  readonly usdPerThousand: number;
}

/** The weakest first, as a route has them, and each strong enough for a third more than the one before. */
export function tiers(): readonly Tier[] {
  const models = [...new Set((['cheap', 'smart'] as const).map((tier) => TIER_MODELS[tier][0]?.model ?? ''))];
  return models.map((model, index) => ({ model, upTo: Math.round(((index + 1) / models.length) * 100) }));
}

export async function answeredBy(
  requests: readonly DomainRequest[],
  seed: number,
): Promise<readonly Answered[]> {
  const all = tiers();
  const costs = await Promise.all(
    requests.map(({ query }) => Promise.all(all.map(({ model }) => costUsd(model, query)))),
  );
  const random = seededRandom(seed);
  const routed = requests.map(({ query }, index) => bestOf(query, all, costs[index] ?? []));
  const ways: readonly (readonly [string, readonly number[]])[] = [
    ['always the smart model', requests.map(() => all.length - 1)],
    ['at random', requests.map(() => Math.floor(random() * all.length))],
    ['a route by complexity and cost', routed],
  ];
  return ways.map(([name, chosen]) => ({
    name,
    share: new Map(
      all.map(({ model }, tier) => [model, chosen.filter((one) => one === tier).length / chosen.length]),
    ),
    usdPerThousand: mean(chosen.map((tier, index) => costs[index]?.[tier] ?? Number.NaN)) * 1_000,
  }));
}

function bestOf(query: string, all: readonly Tier[], costs: readonly (number | undefined)[]): number {
  const candidates = all.map(
    ({ upTo }, index): Rateable => ({ upTo, goodAt: [], costUsd: costs[index], latency: undefined }),
  );
  const ratings = rate(candidates, {
    by: { complexity: 1, cost: 1 },
    complexity: complexityOf(query),
    outputTokens: OUTPUT_TOKENS,
  });
  const scores = ratings.map(({ score }) => score);
  return scores.indexOf(Math.max(...scores));
}

function costUsd(model: string, query: string): Promise<number | undefined> {
  const provider = model.split('/')[0] ?? '';
  const { costUsd: cost } = pricingOf({ modelId: model, baseUrl: PROVIDERS.get(provider)?.baseUrl ?? '' });
  return cost({
    inputTokens: estimateTokens(query),
    outputTokens: OUTPUT_TOKENS,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  });
}
