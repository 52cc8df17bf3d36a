/** Which limits over several runs hold for a run, and what counts against each. */
import type { Config } from '../../../config/config.ts';
import type { SpendingAmounts, SpendingLimits } from '../../../config/spending-limits.ts';
import type { SpendingScope } from '../../event.ts';
import { dayOf, nextDayMs, timeZoneName } from './day.ts';

/** By what spending is counted. */
export type SpendingKey = {
  readonly day: string;
  readonly workflow: string;
  readonly actor: string;
  /** '' outside of a session. */
  readonly sessionId: string;
};

export interface LimitsOfRun extends SpendingLimits {
  /** All runs of its workflow in a day. */
  readonly perWorkflow?: SpendingAmounts;
}

/** One limit, with the columns and values of the rows that count against it. */
export interface Counting {
  readonly scope: () => SpendingScope;
  readonly amounts: SpendingAmounts;
  /** SQL over the columns of a key, whose names are parameters. */
  readonly where: string;
}

const PERSON = 'person';

export function limitsOfRun(
  { spendingLimits = {}, workflows }: Pick<Config, 'spendingLimits' | 'workflows'>,
  workflow: string,
): LimitsOfRun {
  const perWorkflow = workflows[workflow]?.budget?.perDay;
  return perWorkflow === undefined ? spendingLimits : { ...spendingLimits, perWorkflow };
}

export function spendingDay({ timeZone }: SpendingLimits, nowMs: number): string {
  return dayOf(nowMs, timeZone);
}

export function countingOf(key: SpendingKey, limits: LimitsOfRun, nowMs: number): readonly Counting[] {
  const { perDay, perSession, perClient, perWorkflow, timeZone } = limits;
  if ((perDay ?? perSession ?? perClient ?? perWorkflow) === undefined) return NONE;
  const { day, workflow, actor, sessionId } = key;
  const ofDay = (type: 'day' | 'workflow' | 'client', name?: string) => (): SpendingScope => ({
    type,
    ...(name === undefined ? {} : { name }),
    day,
    timeZone: timeZoneName(timeZone),
    untilMs: nextDayMs(nowMs, timeZone),
  });
  return [
    ...(perDay === undefined ? [] : [{ scope: ofDay('day'), amounts: perDay, where: OF_DAY }]),
    ...(perWorkflow === undefined
      ? []
      : [{ scope: ofDay('workflow', workflow), amounts: perWorkflow, where: OF_WORKFLOW }]),
    ...(perClient === undefined || actor === PERSON
      ? []
      : [{ scope: ofDay('client', actor), amounts: perClient, where: OF_CLIENT }]),
    ...(perSession === undefined || sessionId === ''
      ? []
      : [
          {
            scope: (): SpendingScope => ({ type: 'session', name: sessionId }),
            amounts: perSession,
            where: OF_SESSION,
          },
        ]),
  ];
}

const NONE: readonly Counting[] = [];
const OF_DAY = 'day = :day';
const OF_WORKFLOW = 'day = :day AND workflow = :workflow';
const OF_CLIENT = 'day = :day AND actor = :actor';
const OF_SESSION = 'session_id = :sessionId';

/** `$10 a day`, as part of a sentence. */
export function scopeText(scope: SpendingScope): string {
  switch (scope.type) {
    case 'day':
      return 'a day';
    case 'workflow':
      return `a day for the workflow "${scope.name}"`;
    case 'client':
      return `a day for "${scope.name}"`;
    case 'session':
      return `for the conversation ${scope.name}`;
    default:
      return scope satisfies never;
  }
}
