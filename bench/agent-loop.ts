/** What one turn of an agent costs with this program, with the Vercel AI SDK, and with no library at all. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import {
  CONCURRENT_RUNS,
  type Figures,
  RUNS,
  RUNS_WHILE_CONCURRENT,
  TURNS_A_RUN,
  WARM_UP_RUNS,
} from './agent-loop/task.ts';
import { mean, median, printTable, printVersions, quantile, spread } from './report.ts';

const SUBJECTS = ['floor', 'switchyard', 'ai-sdk'] as const;
type Subject = (typeof SUBJECTS)[number];

/** The subjects take turns, so that a slow minute of the machine meets all of them. */
const ROUNDS = 3;
/** How many times the floor a turn of ours may take. */
const BUDGET_RATIO = 1.5;

/** `npm run bench -- agent-loop` runs all; with the names of subjects, those alone. */
export async function main(argv: readonly string[]): Promise<void> {
  const subjects = argv.length === 0 ? SUBJECTS : SUBJECTS.filter((subject) => argv.includes(subject));
  printVersions(['@anthropic-ai/sdk', '@ai-sdk/anthropic', '@ai-sdk/mcp']);
  console.log(`
One turn: the model streams a text and asks for a tool, and the tool is called on a stdio MCP server (2025-11-25): one
stream of the Anthropic wire and one tool call. A run is ${TURNS_A_RUN} turns and the stream of the answer; its time divided by
its turns is what a turn costs here, so all that a run costs by itself is in it.
Model server, tool server and subject are each a process. The model answers at once, so all the time is overhead.
Ours journals every run in a file (SQLite, synchronous NORMAL) and can go on with it in another process; the others keep nothing.
${WARM_UP_RUNS} runs to warm up, ${RUNS} one at a time, ${RUNS_WHILE_CONCURRENT} by ${CONCURRENT_RUNS} at once; ${ROUNDS} rounds.
`);
  const measured = new Map<Subject, Figures[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [subject, figures] of measured) figures.push(await measureSubject(subject));
  }
  printFigures(measured);
}

function printFigures(measured: ReadonlyMap<Subject, readonly Figures[]>): void {
  const turnMs = (figures: readonly Figures[]): number[] => figures.flatMap((round) => round.turnMs);
  const floorMs = median(turnMs(measured.get('floor') ?? []));
  const rows = [...measured].map(([subject, figures]) => [
    subject,
    spread(turnMs(figures)),
    quantile(turnMs(figures), 0.9).toFixed(2),
    figures.map((round) => median(round.turnMs).toFixed(2)).join(' '),
    (median(turnMs(figures)) / floorMs).toFixed(2),
    mean(figures.map((round) => round.turnsPerSecond)).toFixed(0),
    mean(figures.map((round) => round.processorMsPerTurn)).toFixed(2),
    Math.max(...figures.map((round) => round.rssMb)).toFixed(0),
  ]);
  printTable(
    [
      'subject',
      'turn ms (10–90 %)',
      'p90 ms',
      'median of each round',
      '× floor',
      `turns/s, ${CONCURRENT_RUNS} at once`,
      'CPU ms a turn',
      'RSS MB',
    ],
    rows,
  );
  const ours = measured.get('switchyard');
  if (ours === undefined || Number.isNaN(floorMs)) return;
  const floor = measured.get('floor') ?? [];
  const rate = (figures: readonly Figures[]): number => mean(figures.map((round) => round.turnsPerSecond));
  tellBudget('one at a time', median(turnMs(ours)) / floorMs);
  tellBudget(`${CONCURRENT_RUNS} at once`, rate(floor) / rate(ours));
}

function tellBudget(what: string, ratio: number): void {
  const verdict = ratio <= BUDGET_RATIO ? 'kept' : 'exceeded';
  console.log(`Budget, ${what}: ours at most ${BUDGET_RATIO} × the floor: ${ratio.toFixed(2)}, ${verdict}`);
}

async function measureSubject(subject: Subject): Promise<Figures> {
  const modelServer = start('model-server');
  try {
    const child = start(subject, [await firstLine(modelServer)]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const figures = JSON.parse(await firstLine(child)) as Figures;
    await ended;
    return figures;
  } finally {
    modelServer.kill();
  }
}

function start(script: string, args: readonly string[] = []): ChildProcess {
  const file = join(import.meta.dirname, 'agent-loop', `${script}.ts`);
  return spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout) for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`${child.spawnargs.at(1)} ended without a word.`);
}
