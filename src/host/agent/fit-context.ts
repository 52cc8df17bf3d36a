/** Reduces what a conversation's next request carries, in large steps: results first, then single long texts, then turns. */
import type { StoredEventInput } from '../event.ts';
import type { RunContext } from '../context.ts';
import type { ModelMessage } from '../model/model.ts';
import type { ContextWindow } from './context-window.ts';
import type { FixedParts } from './fixed-part-tokens.ts';
import { withoutLongTexts } from './cut-long-texts.ts';
import type { ChosenModel } from './model-facts.ts';
import { withHandles } from './replace-results.ts';
import { withSummary } from './summarise.ts';

export interface FitOptions {
  readonly model: ChosenModel;
  readonly fixed: FixedParts;
  /** What the next request is to come down to. */
  readonly targetTokens: number;
}

type ReducedBy = Extract<StoredEventInput, { type: 'context-reduced' }>['by'];

/** Of what a request may have when it is reduced. */
const LONG_TEXT_SHARE = 0.25;
const TAIL_SHARE = 0.4;
const SUMMARY_REQUEST_SHARE = 0.9;

/** True where something was left out. The history itself stays whole; only the view of the window changes. */
export async function fitContext(
  context: RunContext,
  window: ContextWindow,
  { model, fixed, targetTokens: target }: FitOptions,
): Promise<boolean> {
  let reduced = false;
  const apply = async (
    by: ReducedBy,
    change: (messages: readonly ModelMessage[]) => Promise<readonly ModelMessage[]>,
  ): Promise<void> => {
    const tokensBefore = window.tokens(fixed);
    if (tokensBefore <= target) return;
    const messages = await change(window.messages);
    if (messages === window.messages) return;
    window.reduce(messages);
    reduced = true;
    context.emit({ type: 'context-reduced', by, tokensBefore, tokensAfter: window.tokens(fixed) });
  };
  await apply('handles', (messages) => withHandles(context, messages));
  await apply('handles', (messages) =>
    withoutLongTexts(context, messages, Math.floor(target * LONG_TEXT_SHARE)),
  );
  await apply('summary', (messages) =>
    withSummary(context, messages, {
      model,
      tailTokens: Math.floor(target * TAIL_SHARE),
      requestTokens: Math.floor(target * SUMMARY_REQUEST_SHARE),
    }),
  );
  return reduced;
}
