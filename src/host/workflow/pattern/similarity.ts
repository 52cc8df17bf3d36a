/** Chooses a route by the similarity of meaning: no model is asked, and it costs some milliseconds. */
import { HostError, toHostError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { StepContext } from '../../context.ts';
import { dot } from '../../similarity.ts';
import { asText } from './output-schema.ts';
import type { RouteChoice, RouteOffer, Router } from './route.ts';

export interface SimilarityOptions {
  /** Asked where this one is less sure than `below`, such as `byModel()`. */
  readonly unsure?: Router<Json>;
  /** 0.5 by default. */
  readonly below?: number;
}

/**
 * A request belongs where the texts lie that are nearest to it: the description of each route and its `examples`, three of
 * them at most. The confidence is the softmax of these similarities; `npm run bench -- routing` prints how often it is right.
 */
export function bySimilarity({ unsure, below = 0.5 }: SimilarityOptions = {}): Router<Json> {
  // Texts that are the same in each run are turned into vectors once.
  const known = new Map<string, Float32Array>();
  return {
    kind: 'similarity',
    async choose(context, input, routes) {
      const choice = await context.step('similarity', async (step): Promise<RouteChoice> => {
        try {
          return await nearest(step, known, asText(input), routes);
        } catch (thrown) {
          const error = toHostError(thrown);
          if (error.code !== 'embedder-unavailable') throw error;
          return { confidence: 0, reason: `The embedder is not there: ${error.message}` };
        }
      });
      if (unsure === undefined || choice.confidence >= below) return choice;
      const second = await unsure.choose(context.branch('unsure'), input, routes);
      return { ...second, reason: `${second.reason} By similarity alone: ${choice.reason}` };
    },
  };
}

/** How many of a route's texts have a say. */
const NEIGHBOURS = 3;
/** Chosen so that of all choices made with a confidence of p no smaller share than p is right: `bench/routing.ts`. */
const TEMPERATURE = 0.07;

interface Scored {
  readonly route: string;
  readonly similarity: number;
  readonly nearest: string;
}

async function nearest(
  step: Pick<StepContext, 'embed'>,
  known: Map<string, Float32Array>,
  request: string,
  routes: Readonly<Record<string, RouteOffer>>,
): Promise<RouteChoice> {
  if (request.trim() === '') return { confidence: 0, reason: 'There is no text to compare.' };
  const texts = Object.values(routes).flatMap(textsOf);
  const missing = [...new Set(texts)].filter((text) => !known.has(text));
  const [vector, ...vectors] = await step.embed([request, ...missing]);
  if (vector === undefined) throw new HostError('internal', 'The embedder gave no vector.');
  for (const [index, text] of missing.entries()) {
    const found = vectors[index];
    if (found !== undefined) known.set(text, found);
  }
  const scored = Object.entries(routes)
    .flatMap(([route, offer]) => scoreOf(route, textsOf(offer), vector, known))
    .sort((one, other) => other.similarity - one.similarity);
  const [best, second] = scored;
  if (best === undefined)
    return { confidence: 0, reason: 'No route has a description or an example to compare with.' };
  const weights = scored.map(({ similarity }) => Math.exp((similarity - best.similarity) / TEMPERATURE));
  const confidence = 1 / weights.reduce((sum, weight) => sum + weight, 0);
  return { route: best.route, confidence, reason: reasonOf(best, second) };
}

function textsOf({ description, examples = [] }: RouteOffer): readonly string[] {
  return [description, ...examples].filter((text) => text.trim() !== '');
}

function scoreOf(
  route: string,
  texts: readonly string[],
  request: Float32Array,
  known: ReadonlyMap<string, Float32Array>,
): readonly Scored[] {
  const near = texts
    .flatMap((text) => {
      const vector = known.get(text);
      return vector === undefined ? [] : [{ text, similarity: dot(request, vector) }];
    })
    .sort((one, other) => other.similarity - one.similarity)
    .slice(0, NEIGHBOURS);
  const [first] = near;
  if (first === undefined) return [];
  const sum = near.reduce((total, { similarity }) => total + similarity, 0);
  return [{ route, similarity: sum / near.length, nearest: first.text }];
}

function reasonOf(best: Scored, second: Scored | undefined): string {
  const own = `It is near "${shortened(best.nearest)}" (${best.similarity.toFixed(2)})`;
  return second === undefined
    ? `${own}.`
    : `${own}; next is ${second.route} (${second.similarity.toFixed(2)}).`;
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
