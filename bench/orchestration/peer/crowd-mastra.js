/** Agents of Mastra with a tool that is a function, and storage in a file. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { createTool } from '@mastra/core/tools';
import { LibSQLStore } from '@mastra/libsql';
import { z } from 'zod';

import { gather } from '../crowd-subject.ts';
import { INSTRUCTIONS, MODEL, REQUEST } from '../task.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const [url, runs] = process.argv.slice(2);
const add = createTool({
  id: 'add',
  description: 'Adds two numbers.',
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.object({ sum: z.number() }),
  execute: async ({ a, b }) => ({ sum: a + b }),
});
const agent = new Agent({
  id: 'agent',
  name: 'agent',
  instructions: INSTRUCTIONS.worker,
  model: createAnthropic({ baseURL: `${url}/held/add/v1`, apiKey: 'none' })(MODEL),
  tools: { add },
});
const mastra = new Mastra({
  agents: { agent },
  logger: false,
  storage: new LibSQLStore({ id: 'runs', url: `file:${temporaryFolder('mastra')}/runs.db` }),
});

await gather(url, Number(runs), async () => (await mastra.getAgent('agent').generate(REQUEST)).text);
