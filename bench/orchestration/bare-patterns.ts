/** The patterns without a library: what they cost at least. */
import { bodyOf, planBody, type Send, tasksOf, textOf } from './messages-api.ts';
import type { Patterns } from './subject.ts';
import { CHAIN_STEPS, INSTRUCTIONS, PARALLEL_PARTS, REQUEST, synthesisRequest } from './task.ts';

export function barePatterns(send: Send): Patterns {
  const say = async (system: string, request: string): Promise<string> =>
    textOf(await send(JSON.stringify(bodyOf(system, request))));
  return {
    chain: async () => {
      let words = REQUEST;
      for (let step = 0; step < CHAIN_STEPS; step += 1) words = await say(INSTRUCTIONS.worker, words);
      return words;
    },
    parallel: () =>
      Promise.all(Array.from({ length: PARALLEL_PARTS }, () => say(INSTRUCTIONS.worker, REQUEST))),
    orchestrate: async () => {
      const tasks = tasksOf(await send(JSON.stringify(planBody(REQUEST))));
      const results = await Promise.all(tasks.map(({ request }) => say(INSTRUCTIONS.worker, request)));
      return say(INSTRUCTIONS.synthesis, synthesisRequest(tasks, results));
    },
  };
}
