import type { Json, JsonObject } from '../../json.ts';
import { ContextWindow } from '../agent/context-window.ts';
import { fitContext } from '../agent/fit-context.ts';
import { modelFacts } from '../agent/model-facts.ts';
import type { RegisteredWorkflow } from '../engine/engine.ts';
import type { SessionLog } from '../session/contract.ts';
import { openConversation } from '../session/conversation.ts';

export type CompactInput = {
  /** Of the session, and the one that sums it up: an alias or `provider/model`. */
  readonly model: string;
};

/** Of what the next request of the session carries, without instructions and tools; estimated. */
export type CompactOutput = { readonly tokensBefore: number; readonly tokensAfter: number };

/** Of the conversation, what is left at most. */
const LEFT_SHARE = 0.25;

/** Reduces what the next requests of the run's session carry, though it would still fit. Its history stays whole. */
export function compactWorkflow(
  sessions: SessionLog,
): RegisteredWorkflow<CompactInput & Json, CompactOutput & Json> {
  return {
    name: 'compact',
    run: async (context, { model }) => {
      const conversation = await openConversation(context, sessions, undefined);
      const { limits } = await modelFacts(context, model);
      const window = new ContextWindow(limits, conversation.history);
      const fixed = { system: '', tools: [] };
      const tokensBefore = window.tokens(fixed);
      const targetTokens = Math.floor(tokensBefore * LEFT_SHARE);
      const reduced = await fitContext(context.branch('fit'), window, {
        model: { alias: model },
        fixed,
        targetTokens,
      });
      if (reduced) await conversation.keepView(window.messages);
      return { tokensBefore, tokensAfter: window.tokens(fixed) } satisfies CompactOutput & JsonObject;
    },
  };
}
