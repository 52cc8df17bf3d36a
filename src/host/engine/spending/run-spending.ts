/** The limits over several runs as one run meets them. */
import { setTimeout as delay } from 'node:timers/promises';

import type { HostError } from '../../../errors.ts';
import type { BudgetAmount, BudgetReservation, BudgetWanted } from '../../context.ts';
import type { LimitName } from '../../event.ts';
import type { LiveConfig } from '../../live-config.ts';
import { limitReached } from '../limit.ts';
import { totalTokens } from '../total-tokens.ts';
import type { Attempt, Ledger, SpentAmounts } from './ledger.ts';
import type { SharedBudget, SharingRun } from './shared-budget.ts';
import {
  countingOf,
  type LimitsOfRun,
  limitsOfRun,
  scopeText,
  spendingDay,
  type SpendingKey,
} from './spending-scope.ts';

/** For each run what it shares with others under the config of the moment. */
export function createSpending({
  live,
  ledger,
}: {
  readonly live: Pick<LiveConfig, 'current'>;
  readonly ledger: () => Promise<Ledger>;
}): (sharing: SharingRun) => SharedBudget {
  return (sharing) =>
    new RunSpending({
      ...sharing,
      ledger,
      limits: () => limitsOfRun(live.current, sharing.run.workflow),
    });
}

export interface RunSpendingOptions extends SharingRun {
  readonly ledger: () => Promise<Ledger>;
  /** Those of the moment: an edit of the config holds from the next call on. */
  readonly limits: () => LimitsOfRun;
}

/** How late a call that waits notices what another process has settled. */
const LOOK_EVERY_MS = 50;

export class RunSpending implements SharedBudget {
  readonly #options: RunSpendingOptions;
  #ledger: Ledger | undefined;
  #lastKey: SpendingKey | undefined;
  /** Taken along with rows that are not written yet: what comes before they are goes with it. */
  #unwritten: { readonly key: SpendingKey; readonly amounts: Sums } | undefined;

  constructor(options: RunSpendingOptions) {
    this.#options = options;
  }

  get counted(): SharedBudget['counted'] {
    const amounts = countingOf(this.#key(), this.#options.limits(), Date.now()).map((one) => one.amounts);
    return {
      usd: amounts.some(({ maxUsd }) => maxUsd !== undefined),
      tokens: amounts.some(({ maxTokens }) => maxTokens !== undefined),
    };
  }

  async reserve(wanted: BudgetWanted, signal: AbortSignal): Promise<BudgetReservation> {
    const { ephemeral } = this.#options;
    const { turns = 0, toolCalls = 0, model } = wanted;
    const exact = ephemeral ? { turns: 0, toolCalls: 0 } : { turns, toolCalls };
    if (exact.turns + exact.toolCalls === 0 && model === undefined) return NOTHING;
    this.#ledger ??= await this.#options.ledger();
    const ledger = this.#ledger;
    for (;;) {
      signal.throwIfAborted();
      const key = this.#key();
      const countings = countingOf(key, this.#options.limits(), Date.now());
      if (countings.length === 0) {
        if (exact.turns + exact.toolCalls > 0) this.#write(ledger, key, exact, undefined);
        return this.#reservation(ledger, key, undefined);
      }
      const attempt = ledger.tryReserve(
        key,
        { ...exact, model: model && { tokens: model.tokens, usd: model.costUsd ?? 0 } },
        countings,
      );
      if (attempt.type === 'refused') throw reached(attempt);
      if (attempt.type === 'taken') return this.#reservation(ledger, key, attempt.reservation);
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async add(model: NonNullable<BudgetAmount['model']>): Promise<void> {
    this.#ledger ??= await this.#options.ledger();
    this.#write(this.#ledger, this.#key(), amountsOf(model), undefined);
  }

  #reservation(ledger: Ledger, key: SpendingKey, reservation: number | undefined): BudgetReservation {
    let open = true;
    return {
      settle: (actual) => {
        open = false;
        this.#write(ledger, key, amountsOf(actual), reservation);
      },
      [Symbol.dispose]: () => {
        if (open && reservation !== undefined) this.#options.alongside(() => ledger.release(reservation));
        open = false;
      },
    };
  }

  #write(ledger: Ledger, key: SpendingKey, amounts: SpentAmounts, reservation: number | undefined): void {
    if (reservation !== undefined) {
      this.#options.alongside(() => ledger.settle(key, amounts, reservation));
      return;
    }
    if (this.#unwritten?.key === key) {
      addTo(this.#unwritten.amounts, amounts);
      return;
    }
    const entry = {
      key,
      amounts: addTo({ turns: 0, toolCalls: 0, tokens: 0, usd: 0, unpriced: 0 }, amounts),
    };
    this.#unwritten = entry;
    this.#options.alongside(() => {
      if (this.#unwritten === entry) this.#unwritten = undefined;
      ledger.settle(key, entry.amounts, undefined);
    });
  }

  #key(): SpendingKey {
    const { run, limits } = this.#options;
    const day = spendingDay(limits(), Date.now());
    if (this.#lastKey?.day === day) return this.#lastKey;
    const { workflow, actor, sessionId = '' } = run;
    this.#lastKey = { day, workflow, actor, sessionId };
    return this.#lastKey;
  }
}

type Sums = { -readonly [Name in keyof SpentAmounts]-?: number };

function addTo(
  sums: Sums,
  { turns = 0, toolCalls = 0, tokens = 0, usd = 0, unpriced = 0 }: SpentAmounts,
): Sums {
  sums.turns += turns;
  sums.toolCalls += toolCalls;
  sums.tokens += tokens;
  sums.usd += usd;
  sums.unpriced += unpriced;
  return sums;
}

const NOTHING: BudgetReservation = { settle: () => undefined, [Symbol.dispose]: () => undefined };

function amountsOf({ usage, costUsd }: NonNullable<BudgetAmount['model']>): SpentAmounts {
  return {
    tokens: totalTokens(usage),
    ...(costUsd === undefined ? { unpriced: 1 } : { usd: costUsd }),
  };
}

function reached({ by, limit, spent }: Extract<Attempt, { type: 'refused' }>): HostError {
  const maximum = by.amounts[limit] ?? 0;
  const scope = by.scope();
  const { name, amount, used } = AMOUNTS[limit];
  const when = scope.type === 'session' ? '' : ` on ${scope.day} (${scope.timeZone})`;
  return limitReached({
    limit: name,
    message: `The limit of ${amount(maximum)} ${scopeText(scope)} is reached: ${used(spent)}${when}.`,
    maximum,
    scope,
  });
}

type AmountWords = {
  readonly name: LimitName;
  readonly amount: (maximum: number) => string;
  readonly used: (spent: Extract<Attempt, { type: 'refused' }>['spent']) => string;
};

const AMOUNTS: Readonly<Record<Extract<Attempt, { type: 'refused' }>['limit'], AmountWords>> = {
  maxUsd: { name: 'usd', amount: (max) => `$${max}`, used: ({ usd }) => `$${usd.toFixed(4)} is spent` },
  maxTokens: { name: 'tokens', amount: (max) => `${max} tokens`, used: ({ tokens }) => `${tokens} are used` },
  maxTurns: { name: 'turns', amount: (max) => `${max} turns`, used: ({ turns }) => `${turns} are taken` },
  maxToolCalls: {
    name: 'tool-calls',
    amount: (max) => `${max} tool calls`,
    used: ({ toolCalls }) => `${toolCalls} are made`,
  },
};
