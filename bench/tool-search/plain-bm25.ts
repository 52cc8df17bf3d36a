/**
 * The comparison: Okapi BM25 over one bag of lower-case words a text, common English words left out, nothing split,
 * stemmed or weighted.
 */
import { isJsonObject } from '../../src/json.ts';
import type { ToolEntry } from '../../src/registry/contract.ts';

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

const K1 = 1.5;
const B = 0.75;

export class PlainBm25 {
  readonly #names: readonly string[];
  readonly #documents: readonly ReadonlyMap<string, number>[];
  readonly #lengths: readonly number[];
  readonly #averageLength: number;
  readonly #rarity = new Map<string, number>();

  constructor(texts: readonly NamedText[]) {
    this.#names = texts.map(({ name }) => name);
    this.#documents = texts.map(({ text }) => counts(words(text)));
    this.#lengths = this.#documents.map((document) =>
      document.values().reduce((sum, count) => sum + count, 0),
    );
    this.#averageLength = this.#lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, texts.length);
    const frequencies = new Map<string, number>();
    for (const document of this.#documents) {
      for (const word of document.keys()) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
    }
    for (const [word, frequency] of frequencies) {
      this.#rarity.set(word, Math.log(1 + (texts.length - frequency + 0.5) / (frequency + 0.5)));
    }
  }

  /** Names, best first, equal scores by name. */
  search(query: string, limit: number): string[] {
    const asked = words(query);
    return this.#documents
      .map((document, index) => ({
        name: this.#names[index] ?? '',
        score: this.#score(document, index, asked),
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
      .slice(0, limit)
      .map(({ name }) => name);
  }

  #score(document: ReadonlyMap<string, number>, index: number, asked: readonly string[]): number {
    const dilution = K1 * (1 - B + (B * (this.#lengths[index] ?? 0)) / this.#averageLength);
    return asked.reduce((sum, word) => {
      const count = document.get(word) ?? 0;
      return sum + ((this.#rarity.get(word) ?? 0) * count * (K1 + 1)) / (count + dilution);
    }, 0);
  }
}

/** Name, description, and the names and descriptions of the parameters as one text. */
export function toolText(tool: ToolEntry): NamedText {
  const { name, description = '', inputSchema } = tool.definition;
  const properties = isJsonObject(inputSchema['properties']) ? Object.entries(inputSchema['properties']) : [];
  const parameters = properties.map(([key, property]) => {
    const told = isJsonObject(property) ? property['description'] : undefined;
    return typeof told === 'string' ? `${key} ${told}` : key;
  });
  return { name: tool.name, text: [name, description, ...parameters].join(' ') };
}

function words(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !COMMON.has(word));
}

const COMMON = new Set(
  `a about above after again all am an and any are as at be because been before being below between both but by can could
  did do does doing down during each few for from further had has have having he her here hers him his how i if in into
  is it its just me more most my no nor not now of off on once only or other our out over own please s same she should
  so some such t than that the their them then there these they this those through to too under until up very was we
  were what when where which while who whom why will with would you your`.split(/\s+/),
);

function counts(list: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const word of list) found.set(word, (found.get(word) ?? 0) + 1);
  return found;
}
