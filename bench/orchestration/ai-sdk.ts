/** The Vercel AI SDK, as its page on workflow patterns writes them. It keeps nothing. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { generateText, Output } from 'ai';
import { z } from 'zod';

import { compete } from './subject.ts';
import { CHAIN_STEPS, INSTRUCTIONS, MODEL, PARALLEL_PARTS, REQUEST, synthesisRequest } from './task.ts';

const [modelUrl = ''] = process.argv.slice(2);
const model = createAnthropic({ baseURL: `${modelUrl}/v1`, apiKey: 'none' })(MODEL);
const plan = z.object({
  tasks: z.array(
    z.object({ id: z.string(), worker: z.string(), request: z.string(), dependsOn: z.array(z.string()) }),
  ),
});

async function say(instructions: string, prompt: string): Promise<string> {
  const { text } = await generateText({ model, instructions, prompt });
  return text;
}

await compete({
  chain: async () => {
    let words = REQUEST;
    for (let step = 0; step < CHAIN_STEPS; step += 1) words = await say(INSTRUCTIONS.worker, words);
    return words;
  },
  parallel: () =>
    Promise.all(Array.from({ length: PARALLEL_PARTS }, () => say(INSTRUCTIONS.worker, REQUEST))),
  orchestrate: async () => {
    const { output } = await generateText({
      model,
      output: Output.object({ schema: plan }),
      instructions: INSTRUCTIONS.planner,
      prompt: REQUEST,
    });
    const results = await Promise.all(output.tasks.map(({ request }) => say(INSTRUCTIONS.worker, request)));
    return say(INSTRUCTIONS.synthesis, synthesisRequest(output.tasks, results));
  },
});
