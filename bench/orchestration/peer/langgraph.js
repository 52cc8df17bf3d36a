/** LangGraph.js, as its page on workflows and agents writes the patterns; with `sqlite`, checkpoints are kept in a file. */
import { randomUUID } from 'node:crypto';

import { ChatAnthropic } from '@langchain/anthropic';
import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import Database from 'better-sqlite3';
import { z } from 'zod';

import { compete } from '../subject.ts';
import { CHAIN_STEPS, INSTRUCTIONS, MODEL, PARALLEL_PARTS, REQUEST, synthesisRequest } from '../task.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const [modelUrl, keeps] = process.argv.slice(2);
const llm = new ChatAnthropic({ model: MODEL, apiKey: 'none', anthropicApiUrl: modelUrl });
const planner = llm.withStructuredOutput(
  z.object({
    tasks: z.array(
      z.object({ id: z.string(), worker: z.string(), request: z.string(), dependsOn: z.array(z.string()) }),
    ),
  }),
);
const isKept = keeps === 'sqlite';
const options = isKept
  ? { checkpointer: new SqliteSaver(new Database(`${temporaryFolder('langgraph')}/checkpoints.db`)) }
  : {};

async function say(system, request) {
  const message = await llm.invoke([
    { role: 'system', content: system },
    { role: 'user', content: request },
  ]);
  return message.text;
}

/** What several nodes add to. */
const list = () => Annotation({ reducer: (all, some) => all.concat(some), default: () => [] });

function chainGraph() {
  const graph = new StateGraph(Annotation.Root({ words: Annotation() }));
  for (let step = 1; step <= CHAIN_STEPS; step += 1) {
    graph.addNode(`step-${step}`, async ({ words }) => ({ words: await say(INSTRUCTIONS.worker, words) }));
    graph.addEdge(step === 1 ? START : `step-${step - 1}`, `step-${step}`);
  }
  return graph.addEdge(`step-${CHAIN_STEPS}`, END).compile(options);
}

function parallelGraph() {
  return new StateGraph(Annotation.Root({ request: Annotation(), said: list() }))
    .addNode('part', async ({ request }) => ({ said: [await say(INSTRUCTIONS.worker, request)] }))
    .addConditionalEdges(
      START,
      ({ request }) => Array.from({ length: PARALLEL_PARTS }, () => new Send('part', { request })),
      ['part'],
    )
    .addEdge('part', END)
    .compile(options);
}

function orchestrateGraph() {
  return new StateGraph(
    Annotation.Root({ request: Annotation(), tasks: Annotation(), results: list(), text: Annotation() }),
  )
    .addNode('plan', async ({ request }) => {
      const { tasks } = await planner.invoke([
        { role: 'system', content: INSTRUCTIONS.planner },
        { role: 'user', content: request },
      ]);
      return { tasks };
    })
    .addNode('worker', async ({ task }) => ({ results: [await say(INSTRUCTIONS.worker, task.request)] }))
    .addNode('synthesis', async ({ tasks, results }) => ({
      text: await say(INSTRUCTIONS.synthesis, synthesisRequest(tasks, results)),
    }))
    .addEdge(START, 'plan')
    .addConditionalEdges('plan', ({ tasks }) => tasks.map((task) => new Send('worker', { task })), ['worker'])
    .addEdge('worker', 'synthesis')
    .addEdge('synthesis', END)
    .compile(options);
}

const chain = chainGraph();
const parallel = parallelGraph();
const orchestrate = orchestrateGraph();
/** A run that is kept is a thread of its own. */
const config = () => (isKept ? { configurable: { thread_id: randomUUID() } } : {});

await compete({
  chain: async () => (await chain.invoke({ words: REQUEST }, config())).words,
  parallel: async () => (await parallel.invoke({ request: REQUEST }, config())).said,
  orchestrate: async () => (await orchestrate.invoke({ request: REQUEST }, config())).text,
});
