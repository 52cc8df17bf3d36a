/** By how much `state.db` grows: with a step, with a run, and with a turn of an agent, alone and in a long conversation. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { eventsOf, openTestHost } from '../../test/fixtures/open-host.ts';
import { oversizedServer } from '../../test/fixtures/oversized-server.ts';
import { ANSWER, REQUEST, TOOL_SERVER, TURNS_A_RUN } from '../agent-loop/task.ts';
import { mean, printTable } from '../report.ts';
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
  const aRun = (await grownBy(home, SHORT_RUNS, 1)) / SHORT_RUNS;
  const aStep = (await grownBy(home, 1, STEPS)) / STEPS;
  const [alone, page, conversation] = [
    await agentRuns({ tool: 'add' }),
    await agentRuns({ tool: 'page' }),
    await agentRuns({ tool: 'add', inSession: true }),
  ];
  printTable(
    ['what', 'bytes'],
    [
      ['a run of one step', aRun],
      ['a step with a small result', aStep],
      ['a turn of an agent', alone.first / TURNS_A_RUN],
      [`a turn of an agent whose tool gives ${page.resultBytes} bytes`, page.first / TURNS_A_RUN],
      ['a turn of an agent in a conversation, at its beginning', conversation.first / TURNS_A_RUN],
      [`and after ${AGENT_RUNS - LAST_RUNS} runs of it`, conversation.last / TURNS_A_RUN],
    ].map(([what, bytes]) => [String(what), Number(bytes).toFixed(0)]),
  );
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

interface AgentGrowth {
  /** Bytes a run among the first and among the last. */
  readonly first: number;
  readonly last: number;
  /** Of the text that the tool gives, on average. */
  readonly resultBytes: number;
}

const CALLS = {
  add: (turn: number) => ({ name: 'everything__add', arguments: { a: 40, b: turn } }),
  page: (turn: number) => ({ name: 'big__page', arguments: { page: turn } }),
} as const;

async function agentRuns(options: {
  readonly tool: keyof typeof CALLS;
  readonly inSession?: true;
}): Promise<AgentGrowth> {
  const server = { name: 'everything', type: 'stdio', ...TOOL_SERVER, env: {}, disabled: false } as const;
  await using opened = await openTestHost({
    maxTurns: TURNS_A_RUN + 1,
    servers: [
      { ...server, start: 'on-use', trust: 'annotations', timeoutMs: 60_000, tools: {} },
      oversizedServer(),
    ],
    script(_, request) {
      const turn = request % (TURNS_A_RUN + 1);
      if (turn === TURNS_A_RUN) return { type: 'answer', text: `${ANSWER} 50.` };
      return { type: 'answer', text: 'I add them.', toolCalls: [CALLS[options.tool](turn + 1)] };
    },
  });
  const { host, home } = opened;
  const session = options.inSession ? { sessionId: (await host.sessions.create()).id } : {};
  const sizes: number[] = [];
  const results: number[] = [];
  for (let run = 0; run <= AGENT_RUNS; run += 1) {
    const handle = await host.ask(REQUEST, session);
    for (const event of await eventsOf(handle))
      if (event.type === 'tool-call-end') results.push(event.sizeBytes);
    const outcome = await handle.result;
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
    sizes.push(stateBytes(home));
  }
  const grown = (from: number, to: number): number => ((sizes[to] ?? 0) - (sizes[from] ?? 0)) / (to - from);
  return {
    first: grown(0, LAST_RUNS),
    last: grown(AGENT_RUNS - LAST_RUNS, AGENT_RUNS),
    resultBytes: Math.round(mean(results)),
  };
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
