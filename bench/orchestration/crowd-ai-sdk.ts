/** Runs of the AI SDK with a tool that is a function; it keeps nothing. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { generateText, isStepCount, tool } from 'ai';
import { z } from 'zod';

import { gather } from './crowd-subject.ts';
import { INSTRUCTIONS, MODEL, REQUEST } from './task.ts';

const [url = '', runs = ''] = process.argv.slice(2);
const model = createAnthropic({ baseURL: `${url}/held/add/v1`, apiKey: 'none' })(MODEL);
const add = tool({
  description: 'Adds two numbers.',
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  execute: async ({ a, b }) => a + b,
});

await gather(url, Number(runs), async () => {
  const { text } = await generateText({
    model,
    tools: { add },
    instructions: INSTRUCTIONS.worker,
    prompt: REQUEST,
    stopWhen: isStepCount(20),
  });
  return text;
});
