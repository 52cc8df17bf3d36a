/** By how much `state.db` grows: with a step, with a run, and with a turn of an agent, alone and in a long conversation. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { eventsOf, openTestHost } from '../../test/fixtures/open-host.ts';
import { ANSWER, REQUEST, TOOL_SERVER, TURNS_A_RUN } from '../agent-loop/task.ts';
import { printTable } from '../report.ts';
import { openEngine } from './open-engine.ts';
import { type StepsInput, stepsWorkflow } from './workflows.ts';

const SHORT_RUNS = 200;
const STEPS = 5_000;
const AGENT_RUNS = 40;
/** Runs at the end of the conversation, which carry what was said in all before. */
const LAST_RUNS = 10;

export async function measureGrowth(folder: string): Promise<void> {
  const home = join(folder, 'growth');
  mkdirSync(home);
  const [alone, conversation] = [await agentRuns(false), await agentRuns(true)];
  const perTurn = (bytes: number): string => (bytes / TURNS_A_RUN).toFixed(0);
  printTable(
    ['what', 'bytes'],
    [
      ['a run of one step', (await grownBy(home, SHORT_RUNS, 1)) / SHORT_RUNS].map(whole),
      ['a step with a small result', (await grownBy(home, 1, STEPS)) / STEPS].map(whole),
      ['a turn of an agent', perTurn(alone.first)],
      ['a turn of an agent in a conversation, at its beginning', perTurn(conversation.first)],
      [`and after ${AGENT_RUNS - LAST_RUNS} runs of it`, perTurn(conversation.last)],
    ],
  );
}

function whole(value: string | number): string {
  return typeof value === 'string' ? value : value.toFixed(0);
}

async function grownBy(home: string, runs: number, count: number): Promise<number> {
  const workflow = stepsWorkflow();
  await using host = openEngine(home, [workflow]);
  const input: StepsInput = { count, kind: 'turn' };
  const run = async (): Promise<void> => {
    const outcome = await host.engine.start(workflow, input).result;
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  };
  // The tables are there.
  await run();
  const before = stateBytes(home);
  for (let done = 0; done < runs; done += 1) await run();
  return stateBytes(home) - before;
}

/** Bytes a run among the first and among the last. */
async function agentRuns(inSession: boolean): Promise<{ readonly first: number; readonly last: number }> {
  const server = { name: 'everything', type: 'stdio', ...TOOL_SERVER, env: {}, disabled: false } as const;
  await using opened = await openTestHost({
    maxTurns: TURNS_A_RUN + 1,
    servers: [{ ...server, start: 'on-use', trust: 'annotations', timeoutMs: 60_000, tools: {} }],
    script(_, request) {
      const turn = request % (TURNS_A_RUN + 1);
      if (turn === TURNS_A_RUN) return { type: 'answer', text: `${ANSWER} 50.` };
      const call = { name: 'everything__add', arguments: { a: 40, b: turn + 1 } };
      return { type: 'answer', text: 'I add them.', toolCalls: [call] };
    },
  });
  const { host, home } = opened;
  const session = inSession ? { sessionId: (await host.sessions.create()).id } : {};
  const sizes: number[] = [];
  for (let run = 0; run <= AGENT_RUNS; run += 1) {
    const handle = await host.ask(REQUEST, session);
    await eventsOf(handle);
    const outcome = await handle.result;
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
    sizes.push(stateBytes(home));
  }
  const grown = (from: number, to: number): number => ((sizes[to] ?? 0) - (sizes[from] ?? 0)) / (to - from);
  return { first: grown(0, LAST_RUNS), last: grown(AGENT_RUNS - LAST_RUNS, AGENT_RUNS) };
}

/** Of all pages that are in use, those in the write-ahead log included. */
function stateBytes(home: string): number {
  const database = new DatabaseSync(join(home, 'state.db'), { readOnly: true });
  try {
    const number = (pragma: string): number =>
      Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
    return (number('page_count') - number('freelist_count')) * number('page_size');
  } finally {
    database.close();
  }
}
