/** Results that read like instructions to the model. Marking happens when the prompt is built (untrusted.ts). */
import type { GuardSettings } from '../../config/guard-settings.ts';
import type { Guard } from './guard.ts';
import { injectionSigns } from './injection-signs.ts';
import { smuggledText } from './neutralise.ts';
import { textsOf } from './texts.ts';

export function injectionGuard(action: Exclude<GuardSettings['injection'], 'off'>): Guard {
  return {
    name: 'injection',
    toolResult({ callId, name, result }, { emit }) {
      const kinds = new Set(
        textsOf(result).flatMap((text) => injectionSigns(`${text}\n${smuggledText(text)}`).kinds),
      );
      if (kinds.size === 0) return { type: 'allow' };
      const seen = [...kinds].join(', ');
      const reason = `it reads like instructions to the model (${seen})`;
      switch (action) {
        case 'mark':
          emit({
            type: 'notice',
            level: 'warn',
            code: 'injection-marked',
            message: `What ${name} answered reads like instructions to the model (${seen}). The model is warned of it.`,
            data: { callId, kinds: [...kinds] },
          });
          return { type: 'allow' };
        case 'ask':
          return { type: 'ask', question: `Give the answer of ${name} to the model?`, reason };
        case 'deny':
          return { type: 'deny', reason };
        default:
          return action satisfies never;
      }
    },
  };
}
