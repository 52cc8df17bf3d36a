/** Whether a request is in another language than English, whose words the other signs are read by. */
import type { Sign } from './complexity-sign.ts';

/** Words: of scripts without spaces each character counts as one. */
export const LETTERS = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|[\p{L}\p{M}\p{N}'’_-]+/gu;

const ENGLISH =
  /\b(?:the|a|an|is|are|was|what|which|who|when|where|how|why|of|to|in|on|for|and|or|with|my|me|you|your|this|that|it|do|does|can|could|please|from|if|i|we)\b/i;

const TRANSLATION = /\btranslat(?:e|es|ed|ing|ion)\b/i;

/** Fewer words say nothing about their language. */
const MIN_WORDS = 5;

export function languageSigns(own: string): readonly Sign[] {
  const letters = own.match(/\p{L}/gu)?.length ?? 0;
  const latin = own.match(/\p{sc=Latin}/gu)?.length ?? 0;
  const words = own.match(LETTERS)?.length ?? 0;
  const isOtherScript = letters >= MIN_WORDS && latin < letters / 2;
  const isOther = !isOtherScript && words >= MIN_WORDS && !ENGLISH.test(own);
  return [
    { points: isOtherScript ? 12 : 0, reason: 'language: another script, whose words are not read' },
    { points: isOther ? 12 : 0, reason: 'language: not English, so that its words are not read' },
    { points: TRANSLATION.test(own) ? 6 : 0, reason: 'language: a translation', domain: 'writing' },
  ];
}
