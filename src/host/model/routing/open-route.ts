/** Makes a routed model of a route of the config. */
import type { ModelCandidate } from '../../../config/model-candidate.ts';
import { type ModelPart, type ModelRoute, partName, type RoutePart } from '../../../config/model-entry.ts';
import { HostError } from '../../../errors.ts';
import type { Problems } from '../cascade/checks.ts';
import type { Model } from '../model.ts';
import type { LatencyBook } from './latency-book.ts';
import { measured } from './measured.ts';
import { type EstimateInput, routed } from './routed.ts';
import type { RoutedCandidate } from './routing.ts';

/** What routes and cascades are given from elsewhere. */
export interface RoutingTools {
  /** Of this process, whatever becomes of the config. */
  readonly latencies: LatencyBook;
  readonly estimate: EstimateInput;
  readonly problems: Problems;
}

/** What a part of a route or a cascade stands for here. */
export interface PartModels {
  readonly ofCandidate: (candidate: ModelCandidate) => Model;
  /** Undefined or HostError `unknown-model` where nothing that it means is in reach. */
  readonly ofAlias: (alias: string) => Model | undefined;
  /** Why it cannot answer, as far as that shows; of a list, where none of it can. */
  readonly problemOf: (part: ModelPart) => string | undefined;
}

const OUTPUT_TOKENS = 500;
const MAX_COMPLEXITY = 100;
const ALL_WEIGHTS = { complexity: 1, cost: 1, latency: 1 } as const;

export function openRoute(
  alias: string,
  { candidates: parts, by = ALL_WEIGHTS, outputTokens = OUTPUT_TOKENS }: ModelRoute,
  models: PartModels,
  { latencies, estimate }: Pick<RoutingTools, 'latencies' | 'estimate'>,
): Model {
  const names = distinctNames(parts);
  const [first, ...others] = parts.map((part, index): RoutedCandidate => {
    const { upTo = Math.round((MAX_COMPLEXITY * (index + 1)) / parts.length), goodAt = [] } = part;
    const { model, problem } = openPart(part.model, models);
    return {
      name: names[index] ?? '',
      model: measured(model, latencies),
      ...(problem === undefined ? {} : { problem }),
      upTo,
      goodAt,
    };
  });
  if (first === undefined) throw new HostError('invalid-model', `The route '${alias}' has no candidates.`);
  return routed([first, ...others], { alias, by, outputTokens, latencies }, estimate);
}

/** The same model may stand in a route twice, at two addresses. */
function distinctNames(parts: readonly RoutePart[]): readonly string[] {
  const seen = new Map<string, number>();
  return parts.map(({ model }) => {
    const name = partName(model);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

/** A part that is out of reach is told as such where it is left out, and is no fault of the others. */
export function openPart(
  part: ModelPart,
  { ofAlias, ofCandidate, problemOf }: PartModels,
): { readonly model: Model; readonly problem?: string } {
  const problem = problemOf(part);
  const told = problem === undefined ? {} : { problem };
  if (!('alias' in part)) return { model: ofCandidate(part), ...told };
  try {
    const model = ofAlias(part.alias);
    return model === undefined
      ? outOfReach(part.alias, 'nothing that it means is in reach')
      : { model, ...told };
  } catch (thrown) {
    if (!(thrown instanceof HostError && thrown.code === 'unknown-model')) throw thrown;
    return outOfReach(part.alias, thrown.message);
  }
}

function outOfReach(id: string, message: string): { readonly model: Model; readonly problem: string } {
  const failure = { code: 'not-found', message: `${id}: ${message}`, retryable: false, model: id } as const;
  const model: Model = {
    id,
    limits: { maxTools: 128 },
    costUsd: async () => undefined,
    async *stream() {
      yield { type: 'error', failure };
    },
  };
  return { model, problem: 'is not in reach' };
}
