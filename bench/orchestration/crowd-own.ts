/** Runs of our agent, each journaled, with a tool of a stdio server that all share. */
import { gather } from './crowd-subject.ts';
import { ADD_TOOL, openOwnHost } from './own-host.ts';
import { REQUEST } from './task.ts';

const [url = '', runs = ''] = process.argv.slice(2);
const host = await openOwnHost({ modelUrl: `${url}/held/${ADD_TOOL}`, maxTurns: 20, tools: true });

await gather(url, Number(runs), async () => {
  const handle = await host.ask(REQUEST);
  const outcome = await handle.result;
  if (outcome.type !== 'done') throw new Error(`The run ended as ${JSON.stringify(outcome)}`);
  return outcome.output.text;
});
await host[Symbol.asyncDispose]();
