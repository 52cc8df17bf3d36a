/** Agents of LangGraph.js with a tool that is a function, and checkpoints in a file. */
import { randomUUID } from 'node:crypto';

import { ChatAnthropic } from '@langchain/anthropic';
import { tool } from '@langchain/core/tools';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import Database from 'better-sqlite3';
import { z } from 'zod';

import { gather } from '../crowd-subject.ts';
import { INSTRUCTIONS, MODEL, REQUEST } from '../task.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const [url, runs] = process.argv.slice(2);
const add = tool(async ({ a, b }) => `${a + b}`, {
  name: 'add',
  description: 'Adds two numbers.',
  schema: z.object({ a: z.number(), b: z.number() }),
});
const llm = new ChatAnthropic({ model: MODEL, apiKey: 'none', anthropicApiUrl: `${url}/held/add` });
const bound = llm.bindTools([add]);

const graph = new StateGraph(MessagesAnnotation)
  .addNode('agent', async ({ messages }) => ({
    messages: [await bound.invoke([{ role: 'system', content: INSTRUCTIONS.worker }, ...messages])],
  }))
  .addNode('tools', new ToolNode([add]))
  .addEdge(START, 'agent')
  .addConditionalEdges('agent', toolsCondition, ['tools', END])
  .addEdge('tools', 'agent')
  .compile({ checkpointer: new SqliteSaver(new Database(`${temporaryFolder('langgraph')}/checkpoints.db`)) });

await gather(url, Number(runs), async () => {
  const config = { configurable: { thread_id: randomUUID() } };
  const { messages } = await graph.invoke({ messages: [{ role: 'user', content: REQUEST }] }, config);
  return messages.at(-1).text;
});
