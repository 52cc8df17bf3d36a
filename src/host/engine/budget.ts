import { HostError } from '../../errors.ts';
import type {
  Budget,
  BudgetAmount,
  BudgetLimits,
  BudgetReservation,
  BudgetWanted,
  ModelCost,
} from '../context.ts';
import type { LimitName, RunTotals } from '../event.ts';
import { addUsage } from '../model/spent.ts';
import type { Usage } from '../model/model.ts';
import { limitReached } from './limit.ts';
import { lowerLimits } from './lower-limits.ts';
import type { SharedBudget } from './spending/shared-budget.ts';
import { totalTokens } from './total-tokens.ts';

/**
 * What a run, or a branch of it with limits of its own, has spent and set aside. A branch's budget is within that of the run:
 * what it spends counts in both, and what the run has left bounds it. It is fed from journaled results only, so that a
 * resumed run has spent the same.
 */
export class RunBudget implements Budget {
  readonly #own: BudgetLimits;
  readonly #parent: RunBudget | undefined;
  /** The path whose limits these are; '' for the whole run. */
  readonly #path: string;
  /** By path: limits of parts in place of their own, since the run was gone on with. */
  #raised: ReadonlyMap<string, BudgetLimits> = new Map();
  #turns = 0;
  #toolCalls = 0;
  #usage: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  #costUsd: number | undefined = 0;
  /** Of model calls that are under way: the most that they may come to. */
  readonly #underWay = new Set<ModelCost>();
  /** What they come to together. */
  readonly #aside = { tokens: 0, usd: 0, unpriced: 0 };
  /** Of the whole run: what it shares with others. */
  #shared: SharedBudget | undefined;
  #settled = Promise.withResolvers<void>();

  constructor(limits: BudgetLimits, scope?: { readonly parent: RunBudget; readonly path: string }) {
    this.#own = limits;
    this.#parent = scope?.parent;
    this.#path = scope?.path ?? '';
  }

  get limits(): BudgetLimits {
    return this.#parent === undefined ? this.#own : lowerLimits(this.#parent.limits, this.#own);
  }

  get spent(): RunTotals {
    return {
      turns: this.#turns,
      toolCalls: this.#toolCalls,
      usage: this.#usage,
      ...(this.#costUsd === undefined ? {} : { costUsd: this.#costUsd }),
    };
  }

  /** Those of this branch, without what stands around it. */
  get own(): BudgetLimits {
    return this.#own;
  }

  /** The budget of a branch at this path. */
  within(path: string, limits: BudgetLimits): RunBudget {
    const budget = new RunBudget({ ...limits, ...this.#raised.get(path) }, { parent: this, path });
    budget.#raised = this.#raised;
    return budget;
  }

  /** Parts at these paths have these limits in place of their own. */
  raise(parts: ReadonlyMap<string, BudgetLimits>): void {
    this.#raised = parts;
  }

  /** Limits over several runs count from now on. */
  share(shared: SharedBudget | undefined): void {
    this.#shared = shared;
  }

  get counted(): Budget['counted'] {
    const { maxUsd, maxTokens } = this.limits;
    const shared = this.#sharedByAll?.counted;
    return {
      usd: maxUsd !== undefined || shared?.usd === true,
      tokens: maxTokens !== undefined || shared?.tokens === true,
    };
  }

  async spendUnforeseen(
    model: NonNullable<BudgetAmount['model']>,
    { journaled }: { readonly journaled: boolean },
  ): Promise<void> {
    this.spend({ model });
    if (!journaled) await this.#sharedByAll?.add(model);
  }

  spend(amount: BudgetAmount): void {
    this.#turns += amount.turns ?? 0;
    this.#toolCalls += amount.toolCalls ?? 0;
    if (amount.model) {
      const { usage, costUsd } = amount.model;
      this.#usage = addUsage(this.#usage, usage);
      this.#costUsd =
        this.#costUsd === undefined || costUsd === undefined ? undefined : this.#costUsd + costUsd;
    }
    this.#parent?.spend(amount);
  }

  /**
   * Sets aside what is wanted, in this budget and in those around it. Waits while what is under way might use up what is
   * left; a call of which that is true alone begins where nothing is under way, so that no limit is passed by more than
   * one call. Rejects with HostError `limit-reached`, or with the reason of what ends the wait: that is asked for where there
   * is one, as the signals of many branches that are one signal cost more than a reservation.
   */
  async reserve(wanted: BudgetWanted, endOf: () => AbortSignal): Promise<BudgetReservation> {
    for (;;) {
      this.refuse(wanted);
      const crowded = this.#scopes().find((scope) => scope.#isCrowded(wanted.model));
      if (crowded !== undefined) {
        await crowded.#oneSettled(endOf());
        continue;
      }
      const own = this.#take(wanted);
      const shared = this.#sharedByAll;
      return shared === undefined ? own : this.#shareToo(own, shared, wanted, endOf());
    }
  }

  /** What is set aside here is given back where the limits over several runs do not allow it. */
  async #shareToo(
    own: BudgetReservation,
    shared: SharedBudget,
    wanted: BudgetWanted,
    signal: AbortSignal,
  ): Promise<BudgetReservation> {
    try {
      return both(own, await shared.reserve(wanted, signal));
    } catch (error) {
      own[Symbol.dispose]();
      const { turns = 0, toolCalls = 0 } = wanted;
      this.spend({ turns: -turns, toolCalls: -toolCalls });
      throw error;
    }
  }

  get #sharedByAll(): SharedBudget | undefined {
    return this.#parent === undefined ? this.#shared : this.#parent.#sharedByAll;
  }

  /** Counts what was reserved when the journal was written. */
  count(wanted: BudgetWanted): BudgetReservation {
    this.spend(exactPart(wanted));
    return reservation(
      (model) => this.spend({ model }),
      () => undefined,
    );
  }

  /** Throws `limit-reached` where nothing of this kind may be spent any more. */
  refuse(wanted: BudgetWanted): void {
    for (const scope of this.#scopes()) scope.#refuse(wanted);
  }

  #take(wanted: BudgetWanted): BudgetReservation {
    this.spend(exactPart(wanted));
    const { model } = wanted;
    if (model === undefined) return this.count({});
    const scopes = this.#scopes();
    for (const scope of scopes) scope.#begin(model);
    return reservation(
      (actual) => this.spend({ model: actual }),
      () => {
        for (const scope of scopes) scope.#release(model);
      },
    );
  }

  #begin(model: ModelCost): void {
    this.#underWay.add(model);
    this.#aside.tokens += model.tokens;
    this.#aside.usd += model.costUsd ?? 0;
    if (model.costUsd === undefined) this.#aside.unpriced += 1;
  }

  #release(model: ModelCost): void {
    this.#underWay.delete(model);
    this.#aside.tokens -= model.tokens;
    this.#aside.usd -= model.costUsd ?? 0;
    if (model.costUsd === undefined) this.#aside.unpriced -= 1;
    // Sums of fractions do not come back to nothing by themselves.
    if (this.#underWay.size === 0) this.#aside.usd = 0;
    const settled = this.#settled;
    this.#settled = Promise.withResolvers();
    settled.resolve();
  }

  /** The run's first. */
  #scopes(): readonly RunBudget[] {
    return this.#parent === undefined ? [this] : [...this.#parent.#scopes(), this];
  }

  async #oneSettled(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const onAbort = (): void => aborted.resolve();
    signal.throwIfAborted();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([this.#settled.promise, aborted.promise]);
    signal.removeEventListener('abort', onAbort);
    signal.throwIfAborted();
  }

  #isCrowded(wanted: ModelCost | undefined): boolean {
    if (wanted === undefined || this.#underWay.size === 0) return false;
    const { maxTokens, maxUsd, maxConcurrency } = this.#own;
    if (maxConcurrency !== undefined && this.#underWay.size >= maxConcurrency) return true;
    const { tokens, usd, unpriced } = this.#aside;
    if (maxTokens !== undefined && tokens + wanted.tokens + totalTokens(this.#usage) > maxTokens) return true;
    if (maxUsd === undefined) return false;
    return unpriced > 0 || usd + (wanted.costUsd ?? Infinity) + (this.#costUsd ?? 0) > maxUsd;
  }

  #refuse({ turns = 0, toolCalls = 0, model }: BudgetWanted): void {
    const { maxTurns, maxToolCalls, maxTokens, maxUsd } = this.#own;
    if (turns > 0 && maxTurns !== undefined && this.#turns + turns > maxTurns)
      throw this.#reached('turns', maxTurns, `${maxTurns} turns`);
    if (toolCalls > 0 && maxToolCalls !== undefined && this.#toolCalls + toolCalls > maxToolCalls)
      throw this.#reached('tool-calls', maxToolCalls, `${maxToolCalls} tool calls`);
    if (turns === 0 && model === undefined) return;
    const tokens = totalTokens(this.#usage);
    if (maxTokens !== undefined && tokens >= maxTokens)
      throw this.#reached('tokens', maxTokens, `${maxTokens} tokens`, `${tokens} are used`);
    if (maxUsd !== undefined && (this.#costUsd === undefined || this.#costUsd >= maxUsd)) {
      const spent = this.#costUsd === undefined ? 'an unknown amount' : `$${this.#costUsd.toFixed(4)}`;
      throw this.#reached('usd', maxUsd, `$${maxUsd}`, `${spent} is spent`);
    }
  }

  #reached(limit: LimitName, maximum: number, amount: string, spent?: string): HostError {
    const whose = this.#path === '' ? '' : ` of "${this.#path}"`;
    const message = `The limit of ${amount}${whose} is reached${spent === undefined ? '' : `: ${spent}`}.`;
    return limitReached({
      limit,
      message,
      maximum,
      ...(this.#path === '' ? {} : { branch: this.#path }),
    });
  }
}

function exactPart({ turns = 0, toolCalls = 0 }: BudgetWanted): BudgetAmount {
  return { turns, toolCalls };
}

function reservation(
  spend: (actual: NonNullable<BudgetAmount['model']>) => void,
  release: () => void,
): BudgetReservation {
  let open = true;
  const end = (): void => {
    if (open) release();
    open = false;
  };
  return {
    settle(actual) {
      if (!open) throw new HostError('internal', 'A reservation is settled once.');
      spend(actual);
      end();
    },
    [Symbol.dispose]: end,
  };
}

function both(one: BudgetReservation, other: BudgetReservation): BudgetReservation {
  return {
    settle(actual) {
      one.settle(actual);
      other.settle(actual);
    },
    [Symbol.dispose]() {
      one[Symbol.dispose]();
      other[Symbol.dispose]();
    },
  };
}
