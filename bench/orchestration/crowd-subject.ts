/** A contestant's side of the crowd: many runs at once in one process, whose first answers are held until all are open. */
import { WORDS } from './task.ts';

export interface Crowd {
  readonly runs: number;
  /** From the first start until the model had been asked by all. */
  readonly openMs: number;
  /** From then until all had ended. */
  readonly endMs: number;
  readonly processorMs: number;
  /** Per run, while all are open. */
  readonly rssKb: number;
  readonly heapKb: number;
  /** Per run, after all have ended. */
  readonly heapAfterKb: number;
}

const WARM_UP_RUNS = 100;

/**
 * Each run asks the model, calls a tool, and asks the model again. Needs --expose-gc. Prints what it found as one line.
 * `url` is the model server's; the runs ask it at `/held/…`.
 */
export async function gather(url: string, runs: number, run: () => Promise<string>): Promise<void> {
  await together(url, WARM_UP_RUNS, run);
  await together(url, WARM_UP_RUNS, run);
  process.stdout.write(`${JSON.stringify(await together(url, runs, run))}\n`);
}

async function together(url: string, runs: number, run: () => Promise<string>): Promise<Crowd> {
  await fetch(`${url}/hold`);
  const before = await quietMemory();
  const processor = process.cpuUsage();
  const started = performance.now();
  const answers = Promise.all(Array.from({ length: runs }, run));
  await untilHeld(url, runs);
  const openMs = performance.now() - started;
  const open = await quietMemory();
  const released = performance.now();
  await fetch(`${url}/release`);
  for (const answer of await answers)
    if (answer !== WORDS) throw new Error(`A run ended with ${JSON.stringify(answer)}`);
  const endMs = performance.now() - released;
  const { user, system } = process.cpuUsage(processor);
  const after = await quietMemory();
  const kb = (bytes: number): number => bytes / 1_000 / runs;
  return {
    runs,
    openMs,
    endMs,
    processorMs: (user + system) / 1_000 / runs,
    rssKb: kb(open.rss - before.rss),
    heapKb: kb(open.heapUsed + open.external - before.heapUsed - before.external),
    heapAfterKb: kb(after.heapUsed + after.external - before.heapUsed - before.external),
  };
}

async function untilHeld(url: string, runs: number): Promise<void> {
  for (;;) {
    const held = (await (await fetch(`${url}/held`)).json()) as number;
    if (held === runs) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** After what nobody holds any more was collected. */
async function quietMemory(): Promise<NodeJS.MemoryUsage> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage();
}
