/** Our patterns as a program uses them, every run journaled in `state.db`. */
import type { Json } from '../../src/json.ts';
import { agent } from '../../src/host/workflow/pattern/agent.ts';
import { chain } from '../../src/host/workflow/pattern/chain.ts';
import { orchestrate, type OrchestrateOutput } from '../../src/host/workflow/pattern/orchestrate.ts';
import { parallel } from '../../src/host/workflow/pattern/parallel.ts';
import { openOwnHost } from './own-host.ts';
import { compete } from './subject.ts';
import {
  CHAIN_STEPS,
  INSTRUCTIONS,
  MODEL_CALLS,
  PARALLEL_PARTS,
  type PatternName,
  REQUEST,
  WORKERS,
} from './task.ts';

const [modelUrl = ''] = process.argv.slice(2);
const worker = agent({ instructions: INSTRUCTIONS.worker, tools: [] });

const host = await openOwnHost({
  modelUrl,
  maxTurns: MODEL_CALLS.parallel,
  workflows: {
    chain: chain(Array.from({ length: CHAIN_STEPS }, () => worker)),
    parallel: parallel(
      Object.fromEntries(Array.from({ length: PARALLEL_PARTS }, (_, index) => [`part-${index}`, worker])),
      { concurrency: PARALLEL_PARTS },
    ),
    orchestrate: orchestrate({
      workers: { worker: { description: 'Finds out about oaks.', workflow: worker } },
      planner: { instructions: INSTRUCTIONS.planner },
      synthesis: { instructions: INSTRUCTIONS.synthesis },
      maxTasks: WORKERS,
      concurrency: WORKERS,
    }),
  },
});

async function run(pattern: PatternName): Promise<Json> {
  const handle = await host.run(pattern, REQUEST);
  const outcome = await handle.result;
  if (outcome.type !== 'done') throw new Error(`The ${pattern} ended as ${JSON.stringify(outcome)}`);
  return outcome.output;
}

await compete({
  chain: async () => (await run('chain')) as string,
  parallel: async () => Object.values((await run('parallel')) as Readonly<Record<string, string>>),
  orchestrate: async () => ((await run('orchestrate')) as OrchestrateOutput).text,
});
await host[Symbol.asyncDispose]();
