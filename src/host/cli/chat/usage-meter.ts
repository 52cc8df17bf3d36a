import type { RunEvent, RunTotals } from '../../event.ts';
import type { Usage } from '../../model/model.ts';

export interface Spent {
  /** Caches included. Undefined: a provider gave no counts. */
  readonly inputTokens: number | undefined;
  /** Of the input, what was read from a provider's cache. */
  readonly cachedTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** Undefined: the price of at least one call is unknown. */
  readonly costUsd: number | undefined;
  /** What the last model call took of its context window; undefined before the first and where it is unknown. */
  readonly contextTokens: number | undefined;
  readonly modelCalls: number;
}

const NOTHING: Spent = {
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  contextTokens: undefined,
  modelCalls: 0,
};

/** The branch of a turn of the agent loop. */
const TURN = /^turn-\d+$/;

/** Counts what the runs of a chat cost, as providers say it: call by call, and by a run's totals when it has ended. */
export class UsageMeter {
  #ended = NOTHING;
  #running = NOTHING;

  get spent(): Spent {
    return {
      ...sum(this.#ended, this.#running),
      contextTokens: this.#running.contextTokens ?? this.#ended.contextTokens,
    };
  }

  count(event: RunEvent): void {
    if (event.type === 'model-end') {
      const call = spentBy(event.usage, event.costUsd, 1);
      // Calls below a turn, such as one that sums up, have a context of their own.
      const context = TURN.test(event.path) ? contextTokens(event.usage) : this.#running.contextTokens;
      this.#running = { ...sum(this.#running, call), contextTokens: context };
    } else if (event.type === 'run-end') {
      this.#end(event.totals);
    }
  }

  /** Another conversation has a context of its own; what was spent stays spent. */
  forgetContext(): void {
    this.#ended = { ...this.#ended, contextTokens: undefined };
  }

  /** The totals hold what no event of a model call shows: sampling on behalf of servers. */
  #end(totals: RunTotals): void {
    const run = spentBy(totals.usage, totals.costUsd, this.#running.modelCalls);
    const context = this.#running.contextTokens ?? this.#ended.contextTokens;
    this.#ended = { ...sum(this.#ended, run), contextTokens: context };
    this.#running = NOTHING;
  }
}

function spentBy(usage: Usage, costUsd: number | undefined, modelCalls: number): Spent {
  return {
    inputTokens: usage.unknown ? undefined : inputOf(usage),
    cachedTokens: usage.unknown ? undefined : usage.cacheReadTokens,
    outputTokens: usage.unknown ? undefined : usage.outputTokens,
    costUsd,
    contextTokens: undefined,
    modelCalls,
  };
}

function contextTokens(usage: Usage): number | undefined {
  return usage.unknown ? undefined : inputOf(usage) + usage.outputTokens;
}

function inputOf(usage: Usage): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

function sum(one: Spent, other: Spent): Spent {
  const add = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined || b === undefined ? undefined : a + b;
  return {
    inputTokens: add(one.inputTokens, other.inputTokens),
    cachedTokens: add(one.cachedTokens, other.cachedTokens),
    outputTokens: add(one.outputTokens, other.outputTokens),
    costUsd: add(one.costUsd, other.costUsd),
    contextTokens: undefined,
    modelCalls: one.modelCalls + other.modelCalls,
  };
}
