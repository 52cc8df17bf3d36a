/**
 * Answers a question from a folder of documents and from the web, with citations that are checked.
 *
 *     node research.ts "How old is the oak at the mill, and how sure is that?"
 */
import { agent, openHost, type Refined, refine } from 'switchyard';

import { Answer, checkCitations } from './check-citations.ts';

const librarian = agent({
  name: 'librarian',
  instructions: `You answer from sources alone, and never from memory.
Search the library first. Where it has too little, search the web or fetch a page that is named.
Cite every claim: its source, and one sentence of it, word for word.
Where a draft of yours comes back with feedback, mend what is said there.`,
  tools: ['library__search', 'files__read_file', 'web__*'],
  output: Answer,
});

await using host = await openHost({
  config: new URL('mcp.config.json', import.meta.url),
  workingFolder: import.meta.dirname,
  workflows: { research: refine(librarian, checkCitations, { maxRounds: 3 }) },
});
const run = await host.run('research', process.argv.slice(2).join(' '));
for await (const event of run.events()) {
  if (event.type === 'tool-call-start') console.error(`→ ${event.name} ${JSON.stringify(event.arguments)}`);
  if (event.type === 'branch-end') console.error(`✓ ${event.path}`);
}

const outcome = await run.result;
if (outcome.type !== 'done') throw new Error(`The research came to no end: ${JSON.stringify(outcome)}`);
const { output, accepted, feedback } = outcome.output as Refined<Answer>;
console.log(`${output.answer}\n`);
for (const [index, { source, quote }] of output.citations.entries())
  console.log(`[${index + 1}] ${source}: “${quote}”`);
if (!accepted) console.error(`\nNot all of it is backed by its source:\n${feedback}`);
process.exitCode = accepted ? 0 : 1;
