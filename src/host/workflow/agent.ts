import type { Json, JsonObject } from '../../json.ts';
import { runLoop } from '../agent/loop.ts';
import type { RegisteredWorkflow } from '../engine/engine.ts';
import { guardedRequest } from '../guard/input-step.ts';
import type { Guards } from '../guard/verdict.ts';
import type { ModelMessage } from '../model/model.ts';
import type { Attach, Attachment } from './attachment.ts';

export type AgentInput = {
  readonly request: string;
  /** An alias or `provider/model`. */
  readonly model: string;
  readonly history: readonly ModelMessage[];
  readonly attachments: readonly Attachment[];
};

export type AgentOutput = {
  readonly origin: 'model';
  readonly text: string;
  /** The request and everything that followed: what a session appends to its history. */
  readonly messages: readonly ModelMessage[];
};

/** One request answered by a model that may use every tool of the catalog. `instructions` is asked once a run. */
export function agentWorkflow(
  instructions: () => string,
  guards: Guards,
  attach: Attach,
): RegisteredWorkflow<AgentInput & Json, AgentOutput & Json> {
  return {
    name: 'agent',
    run: async (context, input) => {
      const system = await context.step('instructions', async () => instructions());
      const text = await guardedRequest(context, guards, input.request);
      const attached = await attach(context, input.attachments);
      const request: ModelMessage = { role: 'user', content: [{ type: 'text', text }, ...attached] };
      const { text: answer, messages } = await runLoop(context, {
        model: input.model,
        instructions: system,
        messages: [...input.history, request],
      });
      return { origin: 'model', text: answer, messages: [request, ...messages] } satisfies AgentOutput &
        JsonObject;
    },
  };
}
