import type { GuardSettings } from '../../config/guard-settings.ts';
import type { Guard } from './guard.ts';
import { answerText } from './texts.ts';
import type { GuardStage, Verdict } from './verdict.ts';

/** Refuses what is longer than the config allows. */
export function lengthGuard(limits: GuardSettings['maxCharacters']): Guard {
  const check = (stage: GuardStage, length: number): Verdict<never> => {
    const limit = limits[stage];
    if (limit === undefined || length <= limit) return { type: 'allow' };
    return {
      type: 'deny',
      reason: `it has ${length} characters, and guards.maxCharacters.${stage} in mcp.config.json allows ${limit}`,
    };
  };
  return {
    name: 'length',
    input: (text) => check('input', text.length),
    toolCall: (call) => check('tool-call', JSON.stringify(call.arguments).length),
    toolResult: ({ result }) => check('tool-result', JSON.stringify(result).length),
    output: (message) => check('output', answerText(message).length),
  };
}
