/**
 * Which of the found sentences answers a question, or none. The model reads one after the other, best first, and must copy
 * the answer out of it: given all of them together, a small model takes any, or says "none" to everything.
 */
import { jsonText } from '../../../json.ts';
import type { Quote } from '../../event.ts';
import { type AskModel, coverage } from './choose-call.ts';

const SYSTEM =
  'You answer a question from one text. Reply with JSON {"answer":"<words copied from the text>"}. If the text does not say it, reply with {"answer":"not in the text"}.';
const SCHEMA = {
  type: 'object',
  properties: { answer: { type: 'string', maxLength: 100 } },
} as const;
const NO_ANSWER = /^\W*$|\bnot (in|mention|specif|stat|given|provid|found|known)|\b(unknown|none|n\/a)\b/i;
/** The share of the answer's words that must stand in the sentence. */
const LEAST_COVERAGE = 0.5;
/** What the model is given of a very long sentence or table row. */
const LONGEST_TEXT = 800;

/** A sentence with the headings above it, outermost first: "A second one ends the program" says little without them. */
export interface Candidate {
  readonly quote: Quote;
  readonly headings: readonly string[];
}

/** Undefined for none. */
export async function findSentence(
  question: string,
  candidates: readonly Candidate[],
  ask: AskModel,
): Promise<Quote | undefined> {
  for (const { quote, headings } of candidates) {
    const text = [...headings.slice(-1), quote.text.slice(0, LONGEST_TEXT)].join(': ');
    const reply = await ask(SYSTEM, `Text: ${text}\n\nQuestion: ${question}`, SCHEMA);
    const answer = jsonText(reply?.['answer']);
    if (!NO_ANSWER.test(answer) && coverage([answer], text) >= LEAST_COVERAGE) return quote;
  }
  return undefined;
}
