import { HostError } from '../../../errors.ts';
import { inability, lackOfRoom } from './capability.ts';
import { type Complexity, complexityOf } from './complexity.ts';
import type { RouteFacts } from './facts.ts';
import type { LatencyBook } from './latency-book.ts';
import { type Rateable, rate, type RouteWeights } from './rate.ts';
import type { RatedCandidate, RouteDecision, RoutedCandidate } from './routing.ts';

export interface RouteSettings {
  /** The alias, for messages. */
  readonly alias: string;
  readonly by: RouteWeights;
  /** How long an answer is taken to be, for cost and time. */
  readonly outputTokens: number;
  readonly latencies: Pick<LatencyBook, 'of'>;
}

/**
 * Leaves out what cannot take the request, and rates the rest; the first of equal ones is taken. A request that is too long
 * for all goes to the largest window, where it can be made to fit. Rejects with HostError `no-model-fits`, which says of
 * each candidate why.
 */
export async function decide(
  candidates: readonly RoutedCandidate[],
  facts: RouteFacts,
  settings: RouteSettings,
): Promise<RouteDecision> {
  const complexity = complexityOf(facts.text, facts);
  const costs = await Promise.all(candidates.map(({ model }) => expectedUsd(model, facts, settings)));
  const leftOut = reasonsAgainst(candidates, facts, costs);
  const left = candidates.flatMap((candidate, index) =>
    leftOut[index] === undefined ? [rateable(candidate, costs[index], settings)] : [],
  );
  if (left.length === 0) throw noneFits(settings.alias, candidates, leftOut);
  const ratings = rate(left, { ...settings, complexity });
  const rated = new Map(left.map(({ name }, index) => [name, ratings[index]]));
  const told = candidates.map(({ name }, index): RatedCandidate => {
    const rating = rated.get(name);
    if (rating === undefined) return { name, reasons: [], leftOut: leftOut[index] ?? '' };
    return { name, ...rating };
  });
  const order = left
    .map(({ name }) => name)
    .toSorted((a, b) => (rated.get(b)?.score ?? 0) - (rated.get(a)?.score ?? 0));
  return { order, complexity: complexity satisfies Complexity, candidates: told };
}

function reasonsAgainst(
  candidates: readonly RoutedCandidate[],
  facts: RouteFacts,
  costs: readonly (number | undefined)[],
): readonly (string | undefined)[] {
  const able = candidates.map(({ problem, model }, index) => {
    const against = problem ?? model.refusal?.();
    if (against !== undefined) return against;
    if (facts.moneyLimit && costs[index] === undefined)
      return 'has an unknown price, and the run has a money limit';
    return inability(model.limits, facts);
  });
  const roomy = candidates.map(
    ({ model }, index) => able[index] ?? lackOfRoom(model.limits, facts.inputTokens),
  );
  if (roomy.includes(undefined)) return roomy;
  const windows = candidates.map(({ model }, index) =>
    able[index] === undefined ? (model.limits.contextWindowTokens ?? 0) : -1,
  );
  const largest = windows.indexOf(Math.max(...windows));
  return able[largest] === undefined ? roomy.with(largest, undefined) : able;
}

function rateable(
  { name, model, upTo, goodAt }: RoutedCandidate,
  costUsd: number | undefined,
  { latencies }: RouteSettings,
): Rateable & { readonly name: string } {
  return { name, upTo, goodAt, costUsd, latency: latencies.of(model.id) };
}

function expectedUsd(
  model: RoutedCandidate['model'],
  { inputTokens }: RouteFacts,
  { outputTokens }: RouteSettings,
): Promise<number | undefined> {
  return model.costUsd({ inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 });
}

function noneFits(
  alias: string,
  candidates: readonly RoutedCandidate[],
  leftOut: readonly (string | undefined)[],
): HostError {
  const each = candidates.map(({ name }, index) => `${name} (${leftOut[index] ?? ''})`).join(', ');
  return new HostError(
    'no-model-fits',
    `No candidate of the model '${alias}' can take this request: ${each}. Change its route under models in mcp.config.json, or name a model that can.`,
  );
}
