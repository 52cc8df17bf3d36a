/**
 * Tools by request: BM25 over weighted fields (BM25F: Robertson, Zaragoza and Taylor, CIKM 2004). Everything that does
 * not depend on the request is computed once, so that a search adds up a few ranges of two typed arrays.
 */
import type { JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import type { SearchOptions, ToolEntry, ToolHit } from './contract.ts';
import { requestTerms, root, searchTerms } from './search-terms.ts';

interface Field {
  readonly weight: number;
  /** How strongly a longer field than the average dilutes its words: 0 not at all, 1 fully. */
  readonly lengthNormalisation: number;
  readonly text: (entry: ToolEntry) => string;
}

const FIELDS: readonly Field[] = [
  { weight: 4, lengthNormalisation: 0.3, text: (entry) => entry.definition.name },
  { weight: 2, lengthNormalisation: 0.3, text: titleOf },
  { weight: 1, lengthNormalisation: 0.3, text: (entry) => entry.server },
  { weight: 1, lengthNormalisation: 0.6, text: (entry) => entry.definition.description ?? '' },
  { weight: 0.5, lengthNormalisation: 0.75, text: (entry) => parameterText(entry.definition.inputSchema) },
];
const SATURATION = 2;
/** A word that only has the root in common counts this much of one that is the same. */
const ROOT_WEIGHT = 0.25;
const DEFAULT_LIMIT = 5;

/** An immutable index over one catalog; build another when the catalog changes. */
export class ToolIndex {
  readonly #tools: readonly ToolEntry[];
  readonly #termNumbers = new Map<string, number>();
  /** The postings of term n are those from `#starts[n]` to `#starts[n + 1]`. */
  readonly #starts: Uint32Array;
  readonly #postingTools: Uint32Array;
  readonly #postingScores: Float32Array;

  constructor(tools: readonly ToolEntry[]) {
    this.#tools = [...tools].sort((a, b) => compareNames(a.name, b.name));
    const frequencies = weightedFrequencies(this.#tools);
    const postingCount = frequencies.values().reduce((sum, postings) => sum + postings.size, 0);
    this.#starts = new Uint32Array(frequencies.size + 1);
    this.#postingTools = new Uint32Array(postingCount);
    this.#postingScores = new Float32Array(postingCount);
    let position = 0;
    for (const [term, postings] of frequencies) {
      const rarity = Math.log(1 + (this.#tools.length - postings.size + 0.5) / (postings.size + 0.5));
      this.#starts[this.#termNumbers.size] = position;
      this.#termNumbers.set(term, this.#termNumbers.size);
      for (const [tool, frequency] of postings) {
        this.#postingTools[position] = tool;
        this.#postingScores[position] = (rarity * frequency * (SATURATION + 1)) / (SATURATION + frequency);
        position += 1;
      }
    }
    this.#starts[this.#termNumbers.size] = position;
  }

  /** The best tools, best first, equal scores by name; none where no word of the request occurs in a tool. */
  search(query: string, options: SearchOptions = {}): readonly ToolHit[] {
    const limit = options.limit ?? DEFAULT_LIMIT;
    const servers = options.servers === undefined ? undefined : new Set(options.servers);
    const scores = this.#scores(query);
    const best: { tool: number; score: number }[] = [];
    for (let tool = 0; tool < scores.length; tool += 1) {
      const score = scores[tool] ?? 0;
      if (score <= 0) continue;
      if (best.length >= limit && score <= (best.at(-1)?.score ?? 0)) continue;
      if (servers !== undefined && !servers.has(this.#tools[tool]?.server ?? '')) continue;
      insertByScore(best, { tool, score }, limit);
    }
    return best.flatMap(({ tool, score }) => {
      const entry = this.#tools[tool];
      return entry === undefined ? [] : [{ entry, score }];
    });
  }

  #scores(query: string): Float64Array {
    const scores = new Float64Array(this.#tools.length);
    const terms = requestTerms(query);
    for (const term of new Set([...terms, ...terms.map(root)])) {
      const number = this.#termNumbers.get(term);
      if (number === undefined) continue;
      const end = this.#starts[number + 1] ?? 0;
      for (let position = this.#starts[number] ?? 0; position < end; position += 1) {
        const tool = this.#postingTools[position] ?? 0;
        scores[tool] = (scores[tool] ?? 0) + (this.#postingScores[position] ?? 0);
      }
    }
    return scores;
  }
}

/** Term or root → tool → occurrences, each counted by its field's weight and length. */
function weightedFrequencies(tools: readonly ToolEntry[]): Map<string, Map<number, number>> {
  const frequencies = new Map<string, Map<number, number>>();
  const roots = new Map<string, string>();
  const count = (term: string, tool: number, share: number): void => {
    const postings = frequencies.get(term) ?? new Map<number, number>();
    frequencies.set(term, postings);
    postings.set(tool, (postings.get(tool) ?? 0) + share);
  };
  for (const field of FIELDS) {
    const terms = tools.map((entry) => searchTerms(field.text(entry)));
    const averageLength = terms.reduce((sum, list) => sum + list.length, 0) / Math.max(1, tools.length);
    for (const [tool, list] of terms.entries()) {
      const relativeLength = averageLength === 0 ? 1 : list.length / averageLength;
      const share = field.weight / (1 + field.lengthNormalisation * (relativeLength - 1));
      for (const term of list) {
        count(term, tool, share);
        const shared = roots.get(term) ?? root(term);
        roots.set(term, shared);
        count(shared, tool, share * ROOT_WEIGHT);
      }
    }
  }
  return frequencies;
}

function titleOf(entry: ToolEntry): string {
  const title = entry.definition.title ?? entry.definition.annotations?.title;
  return typeof title === 'string' ? title : '';
}

/** Names and descriptions of the parameters, one level deep: below it schemas repeat formats, not purposes. */
function parameterText(schema: JsonObject): string {
  const properties = schema.properties;
  if (!isJsonObject(properties)) return '';
  return Object.entries(properties)
    .map(([name, property]) => {
      const description = isJsonObject(property) ? property.description : undefined;
      return typeof description === 'string' ? `${name} ${description}` : name;
    })
    .join(' ');
}

function insertByScore(
  best: { tool: number; score: number }[],
  hit: { tool: number; score: number },
  limit: number,
): void {
  let place = best.length;
  while (place > 0 && (best[place - 1]?.score ?? 0) < hit.score) place -= 1;
  best.splice(place, 0, hit);
  if (best.length > limit) best.pop();
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
