/** Results that read like instructions to the model. Marking happens when the prompt is built (untrusted.ts). */
import { setImmediate as nextTick } from 'node:timers/promises';

import type { GuardSettings } from '../../config/guard-settings.ts';
import type { Guard } from './guard.ts';
import { injectionSigns } from './injection-signs.ts';
import { smuggledText } from './neutralise.ts';
import { textsOf } from './texts.ts';

export function injectionGuard(action: Exclude<GuardSettings['injection'], 'off'>): Guard {
  return {
    name: 'injection',
    async toolResult({ callId, name, result }, { emit }) {
      // What is only to be marked is looked at again when the model is shown it, whatever part that is.
      const kinds = await kindsIn(
        textsOf(result),
        action === 'mark' ? MARK_LENGTH : Number.POSITIVE_INFINITY,
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

/** More than a model is shown of one result. */
const MARK_LENGTH = 64_000;
/** How much is judged before other work has its turn. */
const TURN_LENGTH = 128_000;
const OVERLAP_LENGTH = 1_000;

async function kindsIn(texts: readonly string[], maxLength: number): Promise<ReadonlySet<string>> {
  const kinds = new Set<string>();
  let judged = 0;
  for (const text of texts) {
    const end = Math.min(text.length, maxLength - judged);
    for (let start = 0; start < end; start += TURN_LENGTH) {
      if (start > 0) await nextTick();
      const piece = text.slice(start, Math.min(end, start + TURN_LENGTH + OVERLAP_LENGTH));
      const smuggled = smuggledText(piece);
      for (const kind of injectionSigns(smuggled === '' ? piece : `${piece}\n${smuggled}`).kinds)
        kinds.add(kind);
    }
    judged += end;
  }
  return kinds;
}
