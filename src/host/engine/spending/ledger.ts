/** What runs spend together, in `state.db`: settled calls as sums, calls under way as reservations of the hosts that make them. */
import type { StatementSync } from 'node:sqlite';

import type { State } from '../../state.ts';
import { isHostDead } from '../durable/host-lock.ts';
import type { Counting, SpendingKey } from './spending-scope.ts';

export interface Sums {
  readonly turns: number;
  readonly toolCalls: number;
  readonly tokens: number;
  /** Of the calls whose price is known. */
  readonly usd: number;
  readonly unpriced: number;
}

export type SpentAmounts = { readonly [Name in keyof Sums]?: number };

export type Wanted = {
  readonly turns: number;
  readonly toolCalls: number;
  /** Of a model call. */
  readonly model: { readonly tokens: number; readonly usd: number } | undefined;
};

export type Attempt =
  | { readonly type: 'taken'; readonly reservation: number | undefined }
  /** What is under way might use up what is left. */
  | { readonly type: 'crowded' }
  | {
      readonly type: 'refused';
      readonly by: Counting;
      readonly limit: keyof Counting['amounts'];
      readonly spent: Sums;
    };

export interface LedgerOptions {
  readonly state: State;
  readonly homeFolder: string;
  /** Of this host, as it stands in `hosts`. */
  readonly hostId: string;
}

/** No model call takes so long: of a host that is stopped, what it had set aside does not stop others for ever. */
const LONGEST_CALL_MS = 15 * 60_000;
/** Calls that wait look many times a second, each of them; that a host died is looked for now and then, as it takes a lock. */
const DEAD_EVERY_MS = 1_000;
const KEPT_DAYS = 400;

export class Ledger {
  readonly #options: LedgerOptions;
  readonly #add: StatementSync;
  readonly #reserve: StatementSync;
  readonly #release: StatementSync;
  /** By their SQL: of each limit there is the same one again and again. */
  readonly #sums = new Map<string, StatementSync>();
  #lookedForDeadMs = Number.NEGATIVE_INFINITY;

  constructor(options: LedgerOptions) {
    const { database } = options.state;
    this.#options = options;
    this.#add = database.prepare(
      `INSERT INTO spending (day, workflow, actor, session_id, turns, tool_calls, tokens, usd, unpriced)
       VALUES (:day, :workflow, :actor, :sessionId, :turns, :toolCalls, :tokens, :usd, :unpriced)
       ON CONFLICT DO UPDATE SET turns = turns + excluded.turns, tool_calls = tool_calls + excluded.tool_calls,
         tokens = tokens + excluded.tokens, usd = usd + excluded.usd, unpriced = unpriced + excluded.unpriced`,
    );
    this.#reserve = database.prepare(
      `INSERT INTO reservations (host, day, workflow, actor, session_id, tokens, usd, at_ms)
       VALUES (:host, :day, :workflow, :actor, :sessionId, :tokens, :usd, :atMs)`,
    );
    // The number of one that was let go of meanwhile may be that of another's.
    this.#release = database.prepare('DELETE FROM reservations WHERE id = :id AND host = :host');
    const oldest = new Date(Date.now() - KEPT_DAYS * 86_400_000).toISOString().slice(0, 10);
    options.state.use(() =>
      database.prepare("DELETE FROM spending WHERE day < ? AND session_id = ''").run(oldest),
    );
  }

  /** Of settled calls. */
  spent(where: string, key: SpendingKey): Sums {
    const row = this.#row(
      `SELECT sum(turns) AS turns, sum(tool_calls) AS toolCalls, sum(tokens) AS tokens, sum(usd) AS usd,
         sum(unpriced) AS unpriced FROM spending WHERE ${where}`,
      key,
    );
    const number = (name: keyof Sums): number => Number(row?.[name] ?? 0);
    return {
      turns: number('turns'),
      toolCalls: number('toolCalls'),
      tokens: number('tokens'),
      usd: number('usd'),
      unpriced: number('unpriced'),
    };
  }

  /** Sets aside what is wanted and counts its turns and calls, where all limits allow it: in one transaction, so for all hosts. */
  tryReserve(key: SpendingKey, wanted: Wanted, countings: readonly Counting[]): Attempt {
    // Without a lock at first: whoever waits asks often.
    const look = this.#look(key, wanted, countings);
    if (look.type !== 'taken') return look;
    return this.#options.state.transaction(() => {
      const again = this.#look(key, wanted, countings);
      if (again.type !== 'taken') return again;
      const { turns, toolCalls, model } = wanted;
      if (turns > 0 || toolCalls > 0) this.#write(key, { turns, toolCalls });
      if (model === undefined) return again;
      const { lastInsertRowid } = this.#reserve.run({
        ...columns(key),
        ...model,
        host: this.#options.hostId,
        atMs: Date.now(),
      });
      return { type: 'taken', reservation: Number(lastInsertRowid) };
    });
  }

  /** Counts what a call came to and lets go of what was set aside for it. Part of whatever transaction is open. */
  settle(key: SpendingKey, amounts: SpentAmounts, reservation: number | undefined): void {
    this.#write(key, amounts);
    if (reservation !== undefined) this.release(reservation);
  }

  release(reservation: number): void {
    this.#options.state.use(() => this.#release.run({ id: reservation, host: this.#options.hostId }));
  }

  #write(
    key: SpendingKey,
    { turns = 0, toolCalls = 0, tokens = 0, usd = 0, unpriced = 0 }: SpentAmounts,
  ): void {
    this.#options.state.use(() =>
      this.#add.run({ ...columns(key), turns, toolCalls, tokens, usd, unpriced }),
    );
  }

  #look(key: SpendingKey, wanted: Wanted, countings: readonly Counting[]): Attempt {
    let isCrowded = false;
    for (const by of countings) {
      const spent = this.spent(by.where, key);
      const limit = reachedBy(by, wanted, spent);
      if (limit !== undefined) return { type: 'refused', by, limit, spent };
      isCrowded ||= wanted.model !== undefined && this.#isCrowded(by, key, wanted.model, spent);
    }
    return isCrowded ? { type: 'crowded' } : { type: 'taken', reservation: undefined };
  }

  #isCrowded(
    { where, amounts: { maxTokens = Infinity, maxUsd = Infinity } }: Counting,
    key: SpendingKey,
    model: NonNullable<Wanted['model']>,
    spent: Sums,
  ): boolean {
    const might = (): boolean => {
      const open = this.#row(
        `SELECT count(*) AS count, sum(tokens) AS tokens, sum(usd) AS usd FROM reservations WHERE ${where}`,
        key,
      );
      if (Number(open?.['count'] ?? 0) === 0) return false;
      const [tokens, usd] = [Number(open?.['tokens'] ?? 0), Number(open?.['usd'] ?? 0)];
      return spent.tokens + tokens + model.tokens > maxTokens || spent.usd + usd + model.usd > maxUsd;
    };
    return might() && (!this.#dropDead() || might());
  }

  /** Lets go of what hosts had set aside that died. False where there is no such host, or it was looked just before. */
  #dropDead(): boolean {
    const { state, homeFolder, hostId } = this.#options;
    const { database } = state;
    const nowMs = performance.now();
    if (nowMs - this.#lookedForDeadMs < DEAD_EVERY_MS) return false;
    this.#lookedForDeadMs = nowMs;
    const hosts = database.prepare('SELECT DISTINCT host FROM reservations WHERE host <> ?').all(hostId);
    const dead = hosts.map((row) => String(row['host'])).filter((host) => isHostDead(homeFolder, host));
    const old = Date.now() - LONGEST_CALL_MS;
    const { changes } = state.use(() =>
      database.prepare('DELETE FROM reservations WHERE at_ms < ?').run(old),
    );
    for (const host of dead)
      state.use(() => database.prepare('DELETE FROM reservations WHERE host = ?').run(host));
    return dead.length > 0 || Number(changes) > 0;
  }

  #row(sql: string, key: SpendingKey): Record<string, unknown> | undefined {
    const { use, database } = this.#options.state;
    return use(() => {
      const statement = this.#sums.get(sql) ?? database.prepare(sql);
      statement.setAllowUnknownNamedParameters(true);
      this.#sums.set(sql, statement);
      return statement.get(columns(key));
    });
  }
}

function columns({ day, workflow, actor, sessionId }: SpendingKey): Record<string, string> {
  return { day, workflow, actor, sessionId };
}

/** The first limit by which nothing of this kind may begin any more. */
function reachedBy(
  { amounts }: Counting,
  { turns, toolCalls, model }: Wanted,
  spent: Sums,
): keyof Counting['amounts'] | undefined {
  const { maxTurns = Infinity, maxToolCalls = Infinity, maxTokens = Infinity, maxUsd = Infinity } = amounts;
  if (turns > 0 && spent.turns + turns > maxTurns) return 'maxTurns';
  if (toolCalls > 0 && spent.toolCalls + toolCalls > maxToolCalls) return 'maxToolCalls';
  if (turns === 0 && model === undefined) return undefined;
  if (spent.tokens >= maxTokens) return 'maxTokens';
  return spent.usd >= maxUsd ? 'maxUsd' : undefined;
}
