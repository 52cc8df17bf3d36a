/**
 * The workflow of `mcp.config.json` in TypeScript, where the reviewers share what they have in common.
 *
 *     git diff | node review.ts
 */
import { text } from 'node:stream/consumers';

import { agent, chain, openHost, vote } from 'switchyard';
import * as z from 'zod';

const Review = z.object({ verdict: z.enum(['accept', 'reject']), findings: z.array(z.string()) });

const reviewer = (name: string, looksFor: string) =>
  agent({
    name,
    instructions: `You review a diff for ${name} alone: ${looksFor}.`,
    tools: [],
    output: Review,
    budget: { maxTurns: 4 },
  });

const panel = vote(
  [
    reviewer('security', 'injection, secrets, paths, permissions, what comes from outside'),
    reviewer(
      'correctness',
      'what it does at the edges, when something fails, when two things happen at once',
    ),
    reviewer('style', 'names, shape, what the next reader needs'),
  ],
  { name: 'panel', vote: ({ verdict }) => verdict },
);

const editor = agent({
  name: 'editor',
  instructions:
    'You are given the vote of a panel on a diff, with what each reviewer found. Begin with the verdict and the count of votes. Then list what has to change, the worst first, each once, with who found it. Say so where a reviewer could not be heard.',
  tools: [],
});

await using host = await openHost({
  config: new URL('mcp.config.json', import.meta.url),
  workflows: { 'review-in-code': chain([panel, editor]) },
});
const run = await host.run('review-in-code', await text(process.stdin));
for await (const event of run.events())
  if (event.type === 'branch-end') console.error(`${event.path}: ${event.outcome}`);
const outcome = await run.result;
console.log(outcome.type === 'done' ? outcome.output : outcome);
process.exitCode = outcome.type === 'done' ? 0 : 1;
