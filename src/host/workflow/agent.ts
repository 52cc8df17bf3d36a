import type { Json, JsonObject } from '../../json.ts';
import { runLoop } from '../agent/loop.ts';
import type { RegisteredWorkflow } from '../engine/engine.ts';
import { guardedRequest } from '../guard/input-step.ts';
import type { Guards } from '../guard/verdict.ts';
import type { MemoryServer } from '../memory/memory-server.ts';
import { recall, type RecallLimits } from '../memory/recall.ts';
import type { ModelMessage } from '../model/model.ts';
import type { SessionLog } from '../session/contract.ts';
import { openConversation } from '../session/conversation.ts';
import type { Attach, Attachment } from './attachment.ts';

export type AgentInput = {
  readonly request: string;
  /** An alias or `provider/model`. */
  readonly model: string;
  /** Of a caller that keeps the conversation itself; without it that of the run's session is taken. */
  readonly history?: readonly ModelMessage[];
  readonly attachments: readonly Attachment[];
  /** Present where memory is asked before the model. */
  readonly recall?: RecallLimits;
};

export type AgentOutput = {
  readonly origin: 'model';
  readonly text: string;
  /** The model that gave the answer. */
  readonly model: string;
  /** The request and everything that followed: what a session appends to its history. */
  readonly messages: readonly ModelMessage[];
  /** The whole conversation as the next request carries it; present where it was reduced to fit the model's window. */
  readonly carried?: readonly ModelMessage[];
};

export interface AgentParts {
  /** Asked once a run. */
  readonly instructions: () => string;
  readonly guards: Guards;
  readonly attach: Attach;
  readonly sessions: SessionLog;
  readonly memory: MemoryServer;
}

/** The messages are told as they come, by `run-start`, `model-end` and `tool-call-end`. */
export function toldOf(output: AgentOutput): Json {
  const { messages: _messages, carried: _carried, ...told } = output;
  return told;
}

/**
 * One request answered by a model that may use every tool of the catalog. What memory holds stands before the request and
 * not in the instructions, so that a provider's prompt cache stays warm.
 */
export function agentWorkflow({
  instructions,
  guards,
  attach,
  sessions,
  memory,
}: AgentParts): RegisteredWorkflow<AgentInput & Json, AgentOutput & Json> {
  return {
    name: 'agent',
    told: toldOf,
    run: async (context, input) => {
      const system = await context.step('instructions', async () => instructions());
      const text = await guardedRequest(context, guards, input.request);
      const attached = await attach(context, input.attachments);
      const conversation = await openConversation(context, sessions, input.history);
      const recalled = input.recall
        ? await recall(context, memory, {
            request: text,
            history: conversation.history,
            limits: input.recall,
          })
        : undefined;
      const request: ModelMessage = {
        role: 'user',
        content: [...(recalled ? [recalled] : []), { type: 'text', text }, ...attached],
      };
      await conversation.keep(request);
      const { messages, ...answer } = await runLoop(context, {
        model: input.model,
        instructions: system,
        messages: [...conversation.history, request],
        onMessage: (message) => conversation.keep(message),
        onReduced: (carried) => conversation.keepView(carried),
      });
      return { origin: 'model', ...answer, messages: [request, ...messages] } satisfies AgentOutput &
        JsonObject;
    },
  };
}
