/** One sign of an injection: what it is a sign of, how much of a doubt it removes, and what it looks like. */

export type InjectionKind =
  | 'override of instructions'
  | 'a role to play'
  | 'asking for the prompt'
  | 'a dictated answer'
  | 'a forged turn'
  | 'a word to the assistant'
  | 'sending data away'
  | 'lifting of limits'
  | 'an encoded text'
  | 'a request beside the matter';

export interface InjectionPattern {
  readonly kind: InjectionKind;
  readonly weight: number;
  readonly pattern: RegExp;
}

/** Weights from 0 to 1: 0.5 is "rather than not". The sources are matched on folded text (folded-text.ts). */
export function injectionPatterns(
  name: InjectionKind,
  patterns: readonly (readonly [weight: number, source: string])[],
): InjectionPattern[] {
  return patterns.map(([weight, source]) => ({ kind: name, weight, pattern: new RegExp(source) }));
}
