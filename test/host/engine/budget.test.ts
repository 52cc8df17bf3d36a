import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { toHostError } from '../../../src/errors.ts';
import type { BudgetLimits, RunContext } from '../../../src/host/context.ts';
import { RunBudget } from '../../../src/host/engine/budget.ts';
import type { RegisteredWorkflow } from '../../../src/host/engine/engine.ts';
import { createEngine } from '../../../src/host/engine/local-engine.ts';
import { MemoryJournals } from '../../../src/host/engine/memory.ts';
import type { Json } from '../../../src/json.ts';

const never = new AbortController().signal;
const NEVER = (): AbortSignal => never;

/** What a model call came to, all of it input. */
function came(costUsd: number) {
  const tokens = Math.round(costUsd * 1_000);
  const usage = { inputTokens: tokens, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return { usage, costUsd };
}

function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'allowed',
    (error: unknown) => toHostError(error).code,
  );
}

/** Numbers in [0, 1) that are the same each time (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test.each(Array.from({ length: 50 }, (_, seed) => seed))(
  'no limit of a random tree of budgets is passed by more than one call (seed %i)',
  async (seed) => {
    const random = randomFrom(seed);
    const budgets: RunBudget[] = [new RunBudget({ maxUsd: 1 + random() * 4 })];
    for (let index = 1; index < 2 + random() * 12; index += 1) {
      const parent = budgets[Math.floor(random() * budgets.length)];
      const limits: BudgetLimits = {
        ...(random() < 0.7 ? { maxUsd: random() * 2 } : {}),
        ...(random() < 0.4 ? { maxTokens: 100 + Math.floor(random() * 2_000) } : {}),
        ...(random() < 0.3 ? { maxTurns: 1 + Math.floor(random() * 5) } : {}),
      };
      if (parent) budgets.push(parent.within(`${index}`, limits));
    }
    let largest = came(0);
    const work = async (budget: RunBudget): Promise<void> => {
      for (;;) {
        const most = 0.05 + random() * 0.4;
        const actual = came(most * random());
        const wanted = { turns: 1, model: { tokens: most * 1_000, costUsd: most } };
        if ((await codeOf(useUp(budget, wanted, actual))) === 'limit-reached') return;
        if (actual.costUsd > largest.costUsd) largest = actual;
      }
    };
    const useUp = async (
      budget: RunBudget,
      wanted: Parameters<RunBudget['reserve']>[0],
      actual: ReturnType<typeof came>,
    ): Promise<void> => {
      using reservation = await budget.reserve(wanted, NEVER);
      for (let turns = random() * 4; turns > 0; turns -= 1) await new Promise(setImmediate);
      reservation.settle(actual);
    };
    await Promise.all(budgets.flatMap((budget) => [work(budget), work(budget), work(budget)]));
    for (const { limits, spent } of budgets) {
      const { inputTokens } = spent.usage;
      expect(spent.costUsd).toBeLessThanOrEqual((limits.maxUsd ?? Infinity) + largest.costUsd);
      expect(inputTokens).toBeLessThanOrEqual((limits.maxTokens ?? Infinity) + largest.usage.inputTokens);
      expect(spent.turns).toBeLessThanOrEqual(limits.maxTurns ?? Infinity);
    }
    const [run] = budgets;
    expect(run?.spent.costUsd).toBeGreaterThan(0);
  },
);

test('a call that might use up the rest waits until what is under way has come to its end', async () => {
  const budget = new RunBudget({ maxUsd: 1 });
  const first = await budget.reserve({ model: { tokens: 1, costUsd: 0.7 } }, NEVER);
  const second = budget.reserve({ model: { tokens: 1, costUsd: 0.7 } }, NEVER);
  const third = budget.reserve({ model: { tokens: 1, costUsd: 0.2 } }, NEVER);
  expect(await Promise.race([second, third.then(() => 'the small one fits')])).toBe('the small one fits');
  first.settle(came(0.1));
  (await third).settle(came(0.2));
  (await second).settle(came(0.6));
  expect(budget.spent.costUsd).toBeCloseTo(0.9);
});

test('who waits for a budget is let go when the run ends', async () => {
  const budget = new RunBudget({ maxUsd: 1 });
  using _ = await budget.reserve({ model: { tokens: 1, costUsd: 1 } }, NEVER);
  const end = new AbortController();
  const waiting = budget.reserve({ model: { tokens: 1, costUsd: 1 } }, () => end.signal);
  end.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
});

test('a call that failed gives back what was set aside for it', async () => {
  const budget = new RunBudget({ maxUsd: 1 });
  (await budget.reserve({ model: { tokens: 1, costUsd: 1 } }, NEVER))[Symbol.dispose]();
  using again = await budget.reserve({ model: { tokens: 1, costUsd: 1 } }, NEVER);
  expect(budget.spent.costUsd).toBe(0);
  again.settle(came(0));
});

test('a branch is told its own limit by its path, and that of the run as the run’s', async () => {
  const run = new RunBudget({ maxTurns: 3 });
  const branch = run.within('research/2:search', { maxTurns: 2 });
  await branch.reserve({ turns: 1 }, NEVER);
  await branch.reserve({ turns: 1 }, NEVER);
  await expect(branch.reserve({ turns: 1 }, NEVER)).rejects.toMatchObject({
    code: 'limit-reached',
    message: 'The limit of 2 turns of "research/2:search" is reached.',
    data: { limit: 'turns', branch: 'research/2:search' },
  });
  await run.reserve({ turns: 1 }, NEVER);
  await expect(run.within('other', {}).reserve({ turns: 1 }, NEVER)).rejects.toMatchObject({
    message: 'The limit of 3 turns is reached.',
    data: { limit: 'turns', maximum: 3 },
  });
  expect(branch.limits).toEqual({ maxTurns: 2 });
});

const UNREACHABLE = (): never => {
  throw new Error('this workflow uses neither models nor tools');
};

function engineOver(journals: MemoryJournals) {
  return createEngine({
    journals,
    model: UNREACHABLE,
    tools: { list: UNREACHABLE, call: UNREACHABLE, keep: UNREACHABLE },
  });
}

/** A branch a worker, each step of it a call that costs an eighth of a dollar. */
function team(live: string[]): RegisteredWorkflow<Json, Json> {
  const work = async (context: RunContext, name: string): Promise<number> => {
    for (let turn = 1; ; turn += 1) {
      const branch = context.branch(`turn-${turn}`);
      try {
        using reservation = await branch.reserve({ turns: 1, model: { tokens: 125, costUsd: 0.125 } });
        await branch.step('model', async () => {
          live.push(`${name}-${turn}`);
          await delay(1);
          return null;
        });
        reservation.settle(came(0.125));
      } catch (error) {
        if (toHostError(error).code === 'limit-reached') return turn - 1;
        throw error;
      }
    }
  };
  return {
    name: 'team',
    run: async (context) => {
      const limits = { maxTurns: 4 };
      return Promise.all(
        ['one', 'two', 'three'].map((name) => work(context.branch(name, { budget: limits }), name)),
      );
    },
  };
}

test('branches have limits of their own within that of the run, and a workflow may take them as their end', async () => {
  await using engine = engineOver(new MemoryJournals());
  const live: string[] = [];
  const { result } = engine.start(team(live), null, { budget: { maxUsd: 1.25 } });
  const outcome = await result;
  if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  const turns = outcome.output as readonly number[];
  expect(Math.max(...turns)).toBeLessThanOrEqual(4);
  expect(turns.reduce((sum, count) => sum + count, 0)).toBe(10);
  expect(outcome.totals.costUsd).toBe(1.25);
});

test('a run that goes on has spent what is journaled before any of its branches spends anew', async () => {
  const journals = new MemoryJournals();
  await using engine = engineOver(journals);
  const live: string[] = [];
  const run = engine.start(team(live), null, { budget: { maxUsd: 1.25 } });
  await run.result;
  const rows = [...journals.read(run.id).rows()];
  for (let atRow = 1; atRow < rows.length; atRow += 1) {
    live.length = 0;
    const outcome = await (await engine.fork(run.id, atRow)).result;
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
    const journaled = rows.slice(0, atRow).filter(({ type }) => type === 'step').length;
    expect(journaled + live.length).toBe(10);
    expect(outcome.totals.costUsd).toBe(1.25);
  }
});
