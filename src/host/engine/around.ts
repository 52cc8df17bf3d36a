/** What a path of a run has from the branches around it. */
import type { BudgetLimits } from '../context.ts';
import { limitReached } from './limit.ts';

export interface Around {
  /** Parts, one in the other. */
  readonly depth: number;
  /** Once it is aborted nothing begins; what is under way comes to its end. */
  readonly stop?: AbortSignal | undefined;
  /** Once it is aborted nothing begins, and what is under way is broken off. */
  readonly timeUp?: AbortSignal | undefined;
}

export const OUTERMOST: Around = { depth: 0 };

/** What says that nothing may begin any more. */
export function stoppedBy({ stop, timeUp }: Around): AbortSignal | undefined {
  return timeUp?.aborted ? timeUp : stop?.aborted ? stop : undefined;
}

/** Its own limit as far as who called it is concerned, who may do without it. */
export function requireDepth(depth: number, { maxDepth }: BudgetLimits, path: string): void {
  if (maxDepth === undefined || depth <= maxDepth) return;
  throw limitReached({
    limit: 'depth',
    message: `"${path}" would be part ${depth} of parts one in the other, and no more than ${maxDepth} may be.`,
    maximum: maxDepth,
    branch: path,
  });
}

/** Aborts with the first of them; undefined where there is none. */
export function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const [first, ...others] = signals.filter((signal) => signal !== undefined);
  return first === undefined || others.length === 0 ? first : AbortSignal.any([first, ...others]);
}

export function abortPromise(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
