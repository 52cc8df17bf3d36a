/** Which of the found sentences answers a question, or none. The model says a number: its words are never shown. */
import type { Quote } from '../../event.ts';
import type { AskModel } from './choose-call.ts';

const SYSTEM =
  'Reply with JSON {"sentence":"<number>"} naming the one sentence that answers the question, or {"sentence":"none"} if no sentence answers it.';
/** In the prompt; what is shown is whole. */
const LONGEST_SENTENCE = 400;

/** Undefined for none. */
export async function pickSentence(
  question: string,
  quotes: readonly Quote[],
  ask: AskModel,
): Promise<Quote | undefined> {
  const numbered = quotes.map(({ text }, index) => `${index + 1}. ${text.slice(0, LONGEST_SENTENCE)}`);
  const choices = ['none', ...quotes.map((_, index) => String(index + 1))];
  const answer = await ask(SYSTEM, `Sentences:\n${numbered.join('\n')}\n\nQuestion: ${question}`, {
    type: 'object',
    properties: { sentence: { enum: choices } },
  });
  return quotes[Number(answer?.['sentence']) - 1];
}
