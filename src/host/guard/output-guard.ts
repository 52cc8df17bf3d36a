/** The streams of one answer: texts, thinking and arguments of calls, each filtered on its own. */
import type { AssistantMessage } from '../model/model.ts';
import type { StreamFilter } from './guard.ts';
import type { GuardDecision, OutputGuard } from './verdict.ts';

export interface OutputGuardOptions {
  /** Without it nothing is shown before the answer was checked whole. */
  readonly filter?: () => StreamFilter;
  readonly check: (message: AssistantMessage) => Promise<GuardDecision<AssistantMessage>>;
}

export function createOutputGuard({ filter, check }: OutputGuardOptions): OutputGuard {
  const filters = new Map<string, StreamFilter>();
  return {
    push(key, text) {
      if (filter === undefined) return '';
      let open = filters.get(key);
      if (open === undefined) {
        open = filter();
        filters.set(key, open);
      }
      return open.push(text);
    },
    flush: (key) => filters.get(key)?.flush() ?? '',
    restart: () => filters.clear(),
    finish: check,
  };
}
