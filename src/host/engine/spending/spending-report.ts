/** What is spent, by what limits count for: of today, and of the conversations that spent something today. */
import type { Config } from '../../../config/config.ts';
import type { SpendingAmounts } from '../../../config/spending-limits.ts';
import type { State } from '../../state.ts';
import { nextDayMs, timeZoneName } from './day.ts';
import type { Sums } from './ledger.ts';
import { spendingDay } from './spending-scope.ts';

export type SpendingReport = {
  readonly day: string;
  readonly timeZone: string;
  /** Wall-clock milliseconds. */
  readonly nextDayMs: number;
  readonly spent: readonly SpentBy[];
};

export type SpentBy = {
  readonly scope: 'day' | 'workflow' | 'client' | 'session';
  /** Of the workflow, the client or the session. */
  readonly name?: string;
  readonly limits: SpendingAmounts;
} & Sums;

export function spendingReport(
  state: State,
  { spendingLimits = {}, workflows }: Pick<Config, 'spendingLimits' | 'workflows'>,
  nowMs: number,
): SpendingReport {
  const { timeZone, perDay = {}, perClient = {}, perSession = {} } = spendingLimits;
  const day = spendingDay(spendingLimits, nowMs);
  const sums = (name: string, where: string, group: string): readonly (Sums & { readonly name: string })[] =>
    state.use(() =>
      state.database
        .prepare(
          `SELECT ${name} AS name, sum(turns) AS turns, sum(tool_calls) AS toolCalls, sum(tokens) AS tokens,
             sum(usd) AS usd, sum(unpriced) AS unpriced FROM spending WHERE ${where} ${group}`,
        )
        .all({ day })
        .map(sumsOf),
    );
  const [total = sumsOf({})] = sums("''", 'day = :day', '');
  const { name: _, ...ofDay } = total;
  return {
    day,
    timeZone: timeZoneName(timeZone),
    nextDayMs: nextDayMs(nowMs, timeZone),
    spent: [
      { scope: 'day', limits: perDay, ...ofDay },
      ...sums('workflow', 'day = :day', 'GROUP BY workflow ORDER BY sum(usd) DESC, workflow').map(
        (one): SpentBy => ({
          scope: 'workflow',
          limits: workflows[one.name]?.budget?.perDay ?? {},
          ...one,
        }),
      ),
      ...sums(
        'actor',
        "day = :day AND actor <> 'person'",
        'GROUP BY actor ORDER BY sum(usd) DESC, actor',
      ).map((one): SpentBy => ({ scope: 'client', limits: perClient, ...one })),
      ...sums(
        'session_id',
        "session_id IN (SELECT session_id FROM spending WHERE day = :day AND session_id <> '')",
        'GROUP BY session_id ORDER BY sum(usd) DESC, session_id',
      ).map((one): SpentBy => ({ scope: 'session', limits: perSession, ...one })),
    ],
  };
}

function sumsOf(row: Record<string, unknown>): Sums & { readonly name: string } {
  const number = (name: keyof Sums): number => Number(row[name] ?? 0);
  return {
    name: typeof row['name'] === 'string' ? row['name'] : '',
    turns: number('turns'),
    toolCalls: number('toolCalls'),
    tokens: number('tokens'),
    usd: number('usd'),
    unpriced: number('unpriced'),
  };
}
