import { CONCURRENT_RUNS, CONCURRENT_TURNS, type Figures, TURNS, WARM_UP_TURNS } from './task.ts';

/** Measures a turn, which resolves with the answer's text, and prints `Figures` as one line of JSON. */
export async function measure(turn: () => Promise<string>): Promise<void> {
  const checked = async (): Promise<void> => {
    const answer = await turn();
    if (!answer.endsWith('gave back is 47.'))
      throw new Error(`The answer is wrong: ${JSON.stringify(answer)}`);
  };
  for (let done = 0; done < WARM_UP_TURNS; done += 1) await checked();

  const turnMs: number[] = [];
  for (let done = 0; done < TURNS; done += 1) {
    const started = performance.now();
    await checked();
    turnMs.push(performance.now() - started);
  }

  let left = CONCURRENT_TURNS;
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
    turnsPerSecond: CONCURRENT_TURNS / seconds,
    processorMsPerTurn: (user + system) / 1_000 / CONCURRENT_TURNS,
    rssMb: process.memoryUsage().rss / 1e6,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
