/**
 * Sorts a thousand letters to a shop: each is read, given to a model, and written into a ledger, exactly once.
 *
 *     node sort-letters.ts [how many]
 *
 * Kill it whenever you like, with `kill -9` too, and start it again: it goes on where it was.
 */
import { agent, callTool, map, openHost, type RunContext } from 'switchyard';
import * as z from 'zod';

const clerk = agent({
  name: 'clerk',
  instructions:
    'You sort letters to a shop. `kind` is what the letter is about; `urgent` is whether it cannot wait until tomorrow.',
  tools: [],
  output: z.object({ kind: z.enum(['order', 'complaint', 'question', 'praise']), urgent: z.boolean() }),
});

/** A server that has died is back in a moment. */
const PATIENT = { patienceMs: 60_000 };

async function sortLetter(context: RunContext, letter: number): Promise<string> {
  const { text } = await callTool(context, 'letters__read_letter', { letter }, PATIENT);
  const { kind, urgent } = await clerk(context, text);
  await callTool(context, 'ledger__record', { letter, kind, urgent }, PATIENT);
  return kind;
}

const count = Number(process.argv[2] ?? 1_000);
const letters = Array.from({ length: count }, (_, index) => index + 1);

await using host = await openHost({
  config: new URL('mcp.config.json', import.meta.url),
  workingFolder: import.meta.dirname,
  workflows: { sort: map(sortLetter, { concurrency: 8, onFailure: 'collect' }) },
});
const run = await host.run('sort', letters, { key: `november-${count}` });

let [ended, failed] = [0, 0];
for await (const event of run.events()) {
  if (event.type === 'run-resume') console.log(`Going on after ${ended} letters.`);
  if (event.type !== 'branch-end') continue;
  ended += 1;
  if (event.outcome !== 'done') {
    failed += 1;
    console.error(`Letter ${event.path}: ${event.error?.message}`);
  }
  if (ended % 100 === 0) console.log(`${ended} letters`);
}

const outcome = await run.result;
const { turns, costUsd = Number.NaN } = outcome.totals;
console.log(
  `${outcome.type}: ${ended} letters, ${failed} failed; ${turns} model calls, $${costUsd.toFixed(4)}`,
);
process.exitCode = outcome.type === 'done' && failed === 0 ? 0 : 1;
