/** All contestants at once, each in a process of its own, one of them at work at any time. */
import type { Contestant } from './contestants.ts';
import { LineProcess } from './line-process.ts';
import { startModel } from './model-process.ts';
import type { Lap, Order } from './subject.ts';
import { MODEL_CALLS, PATTERNS, type PatternName } from './task.ts';

export const ROUNDS = 5;
export const WARM_UP_RUNS = 25;
export const RUNS: Readonly<Record<PatternName, number>> = { chain: 20, parallel: 8, orchestrate: 15 };

export interface Result {
  /** Of each run. */
  readonly ms: number[];
  /** Of each round, for a run. */
  readonly processorMs: number[];
  rssMb: number;
}

export type Results = ReadonlyMap<Contestant, Readonly<Record<PatternName, Result>>>;

/** They take turns in every round, so that a slow minute of the machine meets all of them. */
export async function contest(contestants: readonly Contestant[]): Promise<Results> {
  await using stack = new AsyncDisposableStack();
  const model = stack.use(await startModel());
  const started = new Map<Contestant, LineProcess>();
  for (const contestant of contestants) {
    const { script, options = [] } = contestant;
    const args = [...script.args, `${model.url}/fixed`, ...options];
    const child = stack.use(new LineProcess(args, script.env));
    await child.line();
    started.set(contestant, child);
  }
  const results = new Map(contestants.map((one) => [one, emptyResults()]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const pattern of PATTERNS) {
      for (const [contestant, child] of started) {
        const runs = round === 0 ? WARM_UP_RUNS : RUNS[pattern];
        const lap = await child.ask<Lap>({ pattern, runs } satisfies Order);
        checkCalls(contestant, pattern, runs, (await model.sizes()).length);
        if (round > 0) add(results.get(contestant)?.[pattern], lap);
      }
    }
  }
  return results;
}

/** Nobody is quicker by asking less. */
function checkCalls({ name }: Contestant, pattern: PatternName, runs: number, calls: number): void {
  const expected = runs * MODEL_CALLS[pattern];
  if (calls !== expected)
    throw new Error(`${name} asked the model ${calls} times in ${runs} runs of ${pattern}, not ${expected}.`);
}

function add(result: Result | undefined, { ms, processorMs, rssMb }: Lap): void {
  result?.ms.push(...ms);
  result?.processorMs.push(processorMs);
  if (result) result.rssMb = rssMb;
}

function emptyResults(): Record<PatternName, Result> {
  const empty = (): Result => ({ ms: [], processorMs: [], rssMb: 0 });
  return { chain: empty(), parallel: empty(), orchestrate: empty() };
}
