import type { JsonObject } from '../../json.ts';
import type { CallOutcome } from '../../registry/contract.ts';
import type { StepContext } from '../context.ts';
import type { GuardedResult, Guards } from '../guard/verdict.ts';

/** An answer that the guards do not let through. What the call did is done. */
export interface Withheld {
  readonly type: 'withheld';
  readonly message: string;
}

/** Asks the guards before anything of an answer is stored, shown or given to a model. */
export async function guardOutcome(
  outcome: CallOutcome,
  call: Omit<GuardedResult, 'result'>,
  guards: Guards,
  step: StepContext,
): Promise<CallOutcome | Withheld> {
  const guard = (result: JsonObject) => guards.toolResult({ ...call, result }, step);
  const withheld = (reason: string): Withheld => ({
    type: 'withheld',
    message: `${call.name} was called, and its answer is withheld: ${reason}.`,
  });
  switch (outcome.type) {
    case 'complete': {
      const decision = await guard(outcome.result);
      if (decision.type === 'deny') return withheld(decision.reason);
      return { type: 'complete', result: decision.value };
    }
    case 'tool-error': {
      const { result, ...error } = guards.redact(outcome);
      if (result === undefined) return error;
      const decision = await guard(result);
      return decision.type === 'deny' ? withheld(decision.reason) : { ...error, result: decision.value };
    }
    case 'uncertain':
    case 'input-required':
      return guards.redact(outcome);
    default:
      return outcome satisfies never;
  }
}
