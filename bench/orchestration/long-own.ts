/** Our conversations, each turn journaled: `turns`, of one run with a tool call each; `session`, requests of one session. */
import { repeat, TurnClock, type Turns } from './long-subject.ts';
import { ADD_TOOL, openOwnHost } from './own-host.ts';
import { LONG_TURNS, REQUEST, WORDS } from './task.ts';

const [url = '', kind = '', times = ''] = process.argv.slice(2);
const host = await openOwnHost({
  modelUrl: kind === 'turns' ? `${url}/turns/${LONG_TURNS}/${ADD_TOOL}` : `${url}/fixed`,
  maxTurns: LONG_TURNS + 1,
  tools: kind === 'turns',
});

async function turns(): Promise<Turns> {
  const handle = await host.ask(REQUEST);
  const clock = new TurnClock();
  for await (const event of handle.storedEvents())
    if (event.type === 'turn-end' && event.toolCalls > 0) clock.mark();
  const outcome = await handle.result;
  if (outcome.type !== 'done') throw new Error(`The run ended as ${JSON.stringify(outcome)}`);
  return clock.turns;
}

async function session(): Promise<Turns> {
  const { id } = await host.sessions.create();
  const clock = new TurnClock();
  for (let turn = 0; turn < LONG_TURNS; turn += 1) {
    const outcome = await (await host.ask(REQUEST, { sessionId: id })).result;
    if (outcome.type !== 'done' || outcome.output.text !== WORDS)
      throw new Error(`A run ended as ${JSON.stringify(outcome)}`);
    clock.mark();
  }
  return clock.turns;
}

await repeat(Number(times), kind === 'turns' ? turns : session);
await host[Symbol.asyncDispose]();
