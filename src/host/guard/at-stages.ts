import type { GuardStageName } from '../../config/guard-settings.ts';
import type { Guard } from './guard.ts';

/** The same guard with only those of its stages. */
export function atStages(guard: Required<Guard>, stages: readonly GuardStageName[]): Guard {
  const { name, input, toolCall, toolResult, output } = guard;
  return {
    name,
    ...(stages.includes('input') ? { input } : {}),
    ...(stages.includes('tool-call') ? { toolCall } : {}),
    ...(stages.includes('tool-result') ? { toolResult } : {}),
    ...(stages.includes('output') ? { output } : {}),
  };
}
