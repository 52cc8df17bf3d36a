/** A contestant's side of the contest: it is told by lines what to run, and prints what that took. */
import { createInterface } from 'node:readline';

import { PARALLEL_PARTS, type PatternName, WORDS } from './task.ts';

export interface Patterns {
  /** Gives what the last step said. */
  readonly chain: () => Promise<string>;
  /** Gives what each part said. */
  readonly parallel: () => Promise<readonly string[]>;
  /** Gives what the synthesis said. */
  readonly orchestrate: () => Promise<string>;
}

export interface Order {
  readonly pattern: PatternName;
  readonly runs: number;
}

export interface Lap {
  /** Of each run, one at a time. */
  readonly ms: readonly number[];
  /** Processor time of the contestant's own process for a run. */
  readonly processorMs: number;
  readonly rssMb: number;
}

/** Serves the contest until its input ends. */
export async function compete(patterns: Patterns): Promise<void> {
  process.stdout.write('ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line) as Order;
    process.stdout.write(`${JSON.stringify(await lap(patterns, order))}\n`);
  }
}

async function lap(patterns: Patterns, { pattern, runs }: Order): Promise<Lap> {
  const ms: number[] = [];
  const processor = process.cpuUsage();
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now();
    const said = await patterns[pattern]();
    ms.push(performance.now() - started);
    check(pattern, said);
  }
  const { user, system } = process.cpuUsage(processor);
  return {
    ms,
    processorMs: (user + system) / 1_000 / runs,
    rssMb: process.memoryUsage.rss() / 1e6,
  };
}

function check(pattern: PatternName, said: string | readonly string[]): void {
  const isRight =
    typeof said === 'string'
      ? said === WORDS
      : said.length === PARALLEL_PARTS && said.every((words) => words === WORDS);
  if (!isRight) throw new Error(`The ${pattern} ended with ${JSON.stringify(said)}`);
}
