import {
  CONCURRENT_RUNS,
  type Figures,
  RUNS,
  RUNS_WHILE_CONCURRENT,
  TURNS_A_RUN,
  WARM_UP_RUNS,
} from './task.ts';

/** Measures a run, which resolves with the answer's text, and prints `Figures` as one line of JSON. */
export async function measure(run: () => Promise<string>): Promise<void> {
  const checked = async (): Promise<void> => {
    const answer = await run();
    if (!answer.endsWith('gave back is 50.'))
      throw new Error(`The answer is wrong: ${JSON.stringify(answer)}`);
  };
  for (let done = 0; done < WARM_UP_RUNS; done += 1) await checked();

  const turnMs: number[] = [];
  for (let done = 0; done < RUNS; done += 1) {
    const started = performance.now();
    await checked();
    turnMs.push((performance.now() - started) / TURNS_A_RUN);
  }

  let left = RUNS_WHILE_CONCURRENT;
  const processor = process.cpuUsage();
  const started = performance.now();
  const runs = Array.from({ length: CONCURRENT_RUNS }, async () => {
    while (left > 0) {
      left -= 1;
      await checked();
    }
  });
  await Promise.all(runs);
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(processor);
  const figures: Figures = {
    turnMs,
    turnsPerSecond: (RUNS_WHILE_CONCURRENT * TURNS_A_RUN) / seconds,
    processorMsPerTurn: (user + system) / 1_000 / (RUNS_WHILE_CONCURRENT * TURNS_A_RUN),
    rssMb: process.memoryUsage().rss / 1e6,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
