import { HostError } from '../../errors.ts';
import type { RunContext } from '../context.ts';
import type { AssistantMessage } from '../model/model.ts';
import type { Guards } from './verdict.ts';

/** An answer that the host made itself, as the guards let it through, as a step. Rejects with HostError `answer-withheld`. */
export async function guardedAnswer(
  context: RunContext,
  guards: Guards,
  message: AssistantMessage,
): Promise<AssistantMessage> {
  const decision = await context.step('guard-output', async (step) => {
    const guard = await guards.output(step);
    return guard.finish(message);
  });
  if (decision.type === 'allow') return decision.value;
  throw new HostError('answer-withheld', `The answer is withheld: ${decision.reason}.`);
}
