import type { Budget, BudgetAmount, BudgetLimits } from '../context.ts';
import type { LimitName, RunTotals } from '../event.ts';
import type { Usage } from '../model/model.ts';

/** Sums what a run's steps spent. It is fed from journaled results only, so a resumed run has spent the same. */
export class RunBudget implements Budget {
  readonly limits: BudgetLimits;
  #turns = 0;
  #toolCalls = 0;
  #usage: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  #costUsd: number | undefined = 0;

  constructor(limits: BudgetLimits) {
    this.limits = limits;
  }

  get spent(): RunTotals {
    return {
      turns: this.#turns,
      toolCalls: this.#toolCalls,
      usage: this.#usage,
      ...(this.#costUsd === undefined ? {} : { costUsd: this.#costUsd }),
    };
  }

  spend(amount: BudgetAmount): void {
    this.#turns += amount.turns ?? 0;
    this.#toolCalls += amount.toolCalls ?? 0;
    if (!amount.model) return;
    this.#usage = addUsage(this.#usage, amount.model.usage);
    const { costUsd } = amount.model;
    this.#costUsd =
      this.#costUsd === undefined || costUsd === undefined ? undefined : this.#costUsd + costUsd;
  }

  exceeded(): { readonly limit: LimitName; readonly message: string } | null {
    const { maxTurns, maxTokens, maxUsd } = this.limits;
    if (maxTurns !== undefined && this.#turns >= maxTurns) {
      return {
        limit: 'turns',
        message: `The limit of ${maxTurns} turns is reached. Raise it with --max-turns.`,
      };
    }
    const tokens = totalTokens(this.#usage);
    if (maxTokens !== undefined && tokens >= maxTokens) {
      return {
        limit: 'tokens',
        message: `${tokens} of ${maxTokens} tokens are used. Raise budget.maxTokens.`,
      };
    }
    if (maxUsd !== undefined && (this.#costUsd === undefined || this.#costUsd >= maxUsd)) {
      const spent = this.#costUsd === undefined ? 'an unknown amount' : `$${this.#costUsd.toFixed(4)}`;
      return { limit: 'usd', message: `${spent} of $${maxUsd} is spent. Raise it with --max-usd.` };
    }
    return null;
  }
}

function totalTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

function addUsage(left: Usage, right: Usage): Usage {
  const reasoning =
    left.reasoningTokens === undefined && right.reasoningTokens === undefined
      ? {}
      : { reasoningTokens: (left.reasoningTokens ?? 0) + (right.reasoningTokens ?? 0) };
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
    ...reasoning,
    ...(left.unknown || right.unknown ? { unknown: true as const } : {}),
  };
}
