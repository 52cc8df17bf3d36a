/** Many runs at once in one process, one after the other in each of their places: `concurrent-runs.ts <folder> <kind>`. */
import { tell } from './child.ts';
import { type ConcurrentRuns, RUNS, RUNS_AT_ONCE, CONCURRENT_STEPS } from './concurrent.ts';
import { openEngine } from './open-engine.ts';
import { type StepKind, type StepsInput, stepsWorkflow } from './workflows.ts';

const WARM_UP_RUNS = RUNS_AT_ONCE;

const [folder = '', kind = 'turn'] = process.argv.slice(2);
const workflow = stepsWorkflow();
await using host = openEngine(folder, [workflow]);

async function work(runs: number): Promise<number[]> {
  const took: number[] = [];
  let left = runs;
  const place = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const started = performance.now();
      const input: StepsInput = { count: CONCURRENT_STEPS, kind: kind as StepKind };
      const outcome = await host.engine.start(workflow, input).result;
      if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
      took.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, place));
  return took;
}

await work(WARM_UP_RUNS);
const processor = process.cpuUsage();
const started = performance.now();
const runMs = await work(RUNS);
const seconds = (performance.now() - started) / 1_000;
const { user, system } = process.cpuUsage(processor);
tell({
  seconds,
  runMs,
  processorMs: (user + system) / 1_000,
  rssMb: process.memoryUsage().rss / 1e6,
} satisfies ConcurrentRuns);
