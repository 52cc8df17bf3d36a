import { GUARD_STAGES, type GuardStageName } from '../../config/guard-settings.ts';
import { atStages } from './at-stages.ts';
import type { Guard } from './guard.ts';
import { answerText, textsOf } from './texts.ts';
import type { Verdict } from './verdict.ts';

type Check = (texts: readonly string[], signal: AbortSignal) => Verdict<never> | Promise<Verdict<never>>;

/** A guard that judges the texts of each of its stages alike and changes none. */
export function textGuard(
  name: string,
  check: Check,
  stages: readonly GuardStageName[] = GUARD_STAGES,
): Guard {
  return atStages(
    {
      name,
      input: (text, { signal }) => check([text], signal),
      toolCall: (call, { signal }) => check(textsOf(call.arguments), signal),
      toolResult: ({ result }, { signal }) => check(textsOf(result), signal),
      output: (message, { signal }) => check([answerText(message)], signal),
    },
    stages,
  );
}
