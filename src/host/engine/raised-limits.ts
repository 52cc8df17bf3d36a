/** The limits under which a run goes on. */
import type { BudgetLimits } from '../context.ts';
import type { LimitName, ReachedLimit } from '../event.ts';
import type { JournalRow } from './journal.ts';

export type RaisedLimits = {
  /** Of the run. */
  readonly budget: BudgetLimits;
  /** By path: of the part whose own limit had stopped the run. */
  readonly parts?: Readonly<Record<string, BudgetLimits>>;
};

/**
 * What is given stands in place of what the run had. Where the limit of a part had stopped the run, it is that of the part,
 * and that of the run only where it is higher.
 */
export function raisedLimits(
  had: BudgetLimits,
  given: BudgetLimits | undefined,
  rows: () => Iterable<JournalRow>,
): RaisedLimits {
  if (given === undefined || Object.keys(given).length === 0) return { budget: had };
  const { limit, branch } = lastReached(rows()) ?? {};
  const key = limit === undefined ? undefined : KEYS[limit];
  const amount = key && given[key];
  if (branch === undefined || key === undefined || amount === undefined)
    return { budget: { ...had, ...given } };
  const around = had[key] === undefined ? {} : { [key]: Math.max(had[key], amount) };
  const { [key]: _, ...others } = given;
  return { budget: { ...had, ...others, ...around }, parts: { [branch]: { [key]: amount } } };
}

const KEYS: Readonly<Record<LimitName, keyof BudgetLimits>> = {
  turns: 'maxTurns',
  'tool-calls': 'maxToolCalls',
  tokens: 'maxTokens',
  usd: 'maxUsd',
  time: 'timeoutMs',
  repeats: 'maxRepeats',
  depth: 'maxDepth',
};

function lastReached(rows: Iterable<JournalRow>): ReachedLimit | undefined {
  let last: ReachedLimit | undefined;
  for (const row of rows)
    if (row.type === 'event') last = row.event.type === 'limit-reached' ? row.event : last;
  return last;
}
