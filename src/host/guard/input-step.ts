import { HostError } from '../../errors.ts';
import type { RunContext } from '../context.ts';
import type { Guards } from './verdict.ts';

/** The request as the guards let it through, as a step. Rejects with HostError `request-denied`. */
export async function guardedRequest(context: RunContext, guards: Guards, request: string): Promise<string> {
  const decision = await context.step('guard-input', (step) => guards.input(request, step));
  if (decision.type === 'allow') return decision.value;
  throw new HostError('request-denied', `The request was not taken: ${decision.reason}.`);
}
