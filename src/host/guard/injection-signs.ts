/** How much a text reads like instructions to a model: by patterns, and by requests that have nothing to do with it. */
import { foldedText } from './folded-text.ts';
import type { InjectionKind } from './injection-pattern.ts';
import { INJECTION_PATTERNS } from './injection-patterns.ts';
import { oddRequest } from './odd-requests.ts';

export interface InjectionSigns {
  /** From 0 to 1; INJECTION_THRESHOLD is where it is taken for an injection. */
  readonly score: number;
  /** What was seen, the strongest first; empty below the threshold. */
  readonly kinds: readonly InjectionKind[];
}

/** Chosen on one half of a labelled set: at most one benign text in a hundred reaches it (bench/guards.ts). */
export const INJECTION_THRESHOLD = 0.6;

const WINDOW_LENGTH = 32_000;
const OVERLAP_LENGTH = 1_000;
/** In a long text one weak sign is chance: it counts as much less. */
const LONG_LENGTH = 1_500;
const WEAK = 0.75;
const WEAK_IN_LONG = 0.75;

/** Judged again when the prompt is built, of the same texts; the latest are remembered. */
const remembered = new Map<string, InjectionSigns>();
const MAX_REMEMBERED = 32;

export function injectionSigns(text: string): InjectionSigns {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const signs = judge(text);
  const [oldest] = remembered.keys();
  if (remembered.size >= MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  if (text.length <= WINDOW_LENGTH + OVERLAP_LENGTH) remembered.set(text, signs);
  return signs;
}

function judge(text: string): InjectionSigns {
  const strongest = new Map<InjectionKind, number>();
  for (let start = 0; start === 0 || start + OVERLAP_LENGTH < text.length; start += WINDOW_LENGTH) {
    weigh(foldedText(text.slice(start, start + WINDOW_LENGTH + OVERLAP_LENGTH)), strongest);
  }
  for (const decoded of decodedTexts(text)) {
    const inside = new Map<InjectionKind, number>();
    weigh(foldedText(decoded), inside);
    if (inside.size > 0) strongest.set('an encoded text', 0.9);
  }
  if (text.length > LONG_LENGTH) {
    for (const [kind, weight] of strongest) if (weight < WEAK) strongest.set(kind, weight * WEAK_IN_LONG);
  }
  const odd = oddRequest(text.slice(0, WINDOW_LENGTH));
  if (odd > 0) strongest.set('a request beside the matter', odd);
  const weights = [...strongest].sort(([, a], [, b]) => b - a);
  const score = 1 - weights.reduce((doubt, [, weight]) => doubt * (1 - weight), 1);
  return { score, kinds: score < INJECTION_THRESHOLD ? [] : weights.slice(0, 3).map(([name]) => name) };
}

function weigh(folded: string, strongest: Map<InjectionKind, number>): void {
  for (const { kind, weight, pattern } of INJECTION_PATTERNS) {
    if ((strongest.get(kind) ?? 0) < weight && pattern.test(folded)) strongest.set(kind, weight);
  }
}

/** What base64 in the text says, where it says something in letters. */
function decodedTexts(text: string): string[] {
  const blobs = text.slice(0, 200_000).match(/[A-Za-z0-9+/]{24,4000}={0,2}/g) ?? [];
  return blobs.slice(0, 50).flatMap((blob) => {
    const decoded = Buffer.from(blob, 'base64').toString('latin1');
    return /^[\t\n\r\x20-\x7e]+$/.test(decoded) ? [decoded] : [];
  });
}
