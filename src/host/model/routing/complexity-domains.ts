/** What shows that a request is about code or mathematics, and how hard that is. */
import { distinct, type Sign } from './complexity-sign.ts';

/** Names of files, calls, traces and declarations: what hardly stands in a text that is not about code. */
const CODE_TEXT =
  /\b[\w-]+\.(?:[cm]?[jt]sx?|py|rs|go|java|kt|rb|php|c|h|cpp|cs|swift|sql|sh|ya?ml|toml)\b|\b\w+\([^)\s]{0,40}\)|`[^`\n]+`|\b(?:def|const|let|import|public class|SELECT .+ FROM|stack ?trace|traceback|TypeError|NullPointerException|segfault)\b/;

const CODE_TOPICS =
  /\b(?:code|function|script|program|bug|api|sql|regex|regular expression|python|javascript|typescript|java|rust|golang|c\+\+|react|docker|kubernetes|git|unit tests?|endpoint|database|class|compiler?|query)\b/i;

const CODE_WORK =
  /\b(?:refactor(?:ing)?|implement|debug|migrat(?:e|es|ing|ion)|optimi[sz]e|race conditions?|deadlocks?|thread[- ]safe|concurren(?:t|cy)|memory leak|algorithm|data structure|complexity|backwards? compatib(?:le|ility)|performance|integration tests?|unit tests?|test suite|edge cases?|architecture|schema|transactions?|distributed|security|vulnerabilit(?:y|ies)|modules?|services?)\b/gi;

export function codeSigns(own: string, material: string): readonly Sign[] {
  const isFenced = material.includes('```');
  const isSeen = isFenced || CODE_TEXT.test(own);
  const isTopic = isSeen || CODE_TOPICS.test(own);
  if (!isTopic) return [];
  const work = distinct(own, CODE_WORK);
  return [
    {
      points: isSeen ? 10 : 6,
      reason: `code: ${isFenced ? 'a fenced block' : isSeen ? 'names or lines of it' : 'it is the topic'}`,
      domain: 'code',
    },
    {
      points: Math.min(20, work.length * 7),
      reason: `code work: ${work.slice(0, 4).join(', ')}`,
      domain: 'code',
    },
  ];
}

const FORMULA =
  /[∫∑∏√∞≤≥≠∂∇∈∀∃]|\\(?:frac|int|sum|sqrt|begin|lim)\b|\b[a-z]\s?\^\s?\{?[\dn]|\b(?:equations?|polynomial|matri(?:x|ces)|eigenvalues?|derivatives?|integrals?|probabilit(?:y|ies)|combinatorics|permutations?|theorem|modulo|logarithms?|vectors?|variance|standard deviation|confidence interval|hypotenuse|triangle|circumference)\b/i;

const PROOF = /\b(?:prove|proof|show that|derive|lemma|induction|contradiction|converges?|bounded)\b/gi;

const QUANTITY =
  /\b(?:how (?:many|much|long|far|old|fast)|what (?:percentage|fraction)|in total|altogether|each|per|twice|half|percent|remaining|left over|average|profit|cost|speed|ratio)\b|%/i;

/** One sum is no effort; several numbers that belong together in words are, and formulas and proofs more. */
export function mathSigns(own: string): readonly Sign[] {
  const numbers = own.match(/\d[\d,.]*/g)?.length ?? 0;
  const isWordProblem = numbers >= 3 && QUANTITY.test(own);
  const proof = distinct(own, PROOF);
  const isFormula = FORMULA.test(own);
  return [
    { points: isFormula ? 12 : 0, reason: 'mathematics: formulas or their words', domain: 'math' },
    {
      points: isFormula || own.includes('=') ? Math.min(20, proof.length * 14) : 0,
      reason: `proof: ${proof.join(', ')}`,
      domain: 'math',
    },
    { points: isWordProblem ? 12 : 0, reason: `quantities: ${numbers} numbers in words`, domain: 'math' },
  ];
}
