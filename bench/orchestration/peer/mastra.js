/** Mastra's workflows over agents, as its pages on control flow write them; with `libsql`, snapshots are kept in a file. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { createStep, createWorkflow } from '@mastra/core/workflows';
import { LibSQLStore } from '@mastra/libsql';
import { z } from 'zod';

import { compete } from '../subject.ts';
import { CHAIN_STEPS, INSTRUCTIONS, MODEL, PARALLEL_PARTS, REQUEST, synthesisRequest } from '../task.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const [modelUrl, keeps] = process.argv.slice(2);
const model = createAnthropic({ baseURL: `${modelUrl}/v1`, apiKey: 'none' })(MODEL);
const agentOf = (name) => new Agent({ id: name, name, instructions: INSTRUCTIONS[name], model });
const [worker, planner, synthesis] = ['worker', 'planner', 'synthesis'].map(agentOf);

const words = z.object({ text: z.string() });
const plan = z.object({
  tasks: z.array(
    z.object({ id: z.string(), worker: z.string(), request: z.string(), dependsOn: z.array(z.string()) }),
  ),
});

/** A step that asks the worker. */
function saying(id) {
  return createStep({
    id,
    inputSchema: words,
    outputSchema: words,
    execute: async ({ inputData }) => ({ text: (await worker.generate(inputData.text)).text }),
  });
}

function chainWorkflow() {
  let workflow = createWorkflow({ id: 'chain', inputSchema: words, outputSchema: words });
  for (let step = 1; step <= CHAIN_STEPS; step += 1) workflow = workflow.then(saying(`step-${step}`));
  return workflow.commit();
}

function parallelWorkflow() {
  return createWorkflow({ id: 'parallel', inputSchema: words, outputSchema: z.record(z.string(), words) })
    .parallel(Array.from({ length: PARALLEL_PARTS }, (_, index) => saying(`part-${index}`)))
    .commit();
}

function orchestrateWorkflow() {
  const planning = createStep({
    id: 'plan',
    inputSchema: words,
    outputSchema: plan,
    execute: async ({ inputData }) =>
      (await planner.generate(inputData.text, { structuredOutput: { schema: plan } })).object,
  });
  const synthesising = createStep({
    id: 'synthesis',
    inputSchema: z.array(words),
    outputSchema: words,
    execute: async ({ inputData, getStepResult }) => {
      const { tasks } = getStepResult(planning);
      const found = inputData.map(({ text }) => text);
      return { text: (await synthesis.generate(synthesisRequest(tasks, found))).text };
    },
  });
  return createWorkflow({ id: 'orchestrate', inputSchema: words, outputSchema: words })
    .then(planning)
    .map(async ({ inputData }) => inputData.tasks.map(({ request }) => ({ text: request })))
    .foreach(saying('work'), { concurrency: 20 })
    .then(synthesising)
    .commit();
}

const mastra = new Mastra({
  agents: { worker, planner, synthesis },
  workflows: { chain: chainWorkflow(), parallel: parallelWorkflow(), orchestrate: orchestrateWorkflow() },
  logger: false,
  ...(keeps === 'libsql'
    ? { storage: new LibSQLStore({ id: 'runs', url: `file:${temporaryFolder('mastra')}/runs.db` }) }
    : {}),
});

async function run(name) {
  const started = await mastra.getWorkflow(name).createRun();
  const outcome = await started.start({ inputData: { text: REQUEST } });
  if (outcome.status !== 'success')
    throw new Error(`The ${name} ended as ${outcome.status}: ${outcome.error?.message}`);
  return outcome.result;
}

await compete({
  chain: async () => (await run('chain')).text,
  parallel: async () => Object.values(await run('parallel')).map(({ text }) => text),
  orchestrate: async () => (await run('orchestrate')).text,
});
