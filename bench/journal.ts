/** What it costs that runs are journaled: a step, a resume, many runs side by side, and the space that they take. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CONCURRENT_STEPS, measureConcurrent, RUNS_AT_ONCE } from './journal/concurrent.ts';
import { measureGrowth } from './journal/growth.ts';
import { measureResume } from './journal/resume.ts';
import { measureSteps } from './journal/steps-table.ts';

const BUDGET_STEP_MS = 0.1;
const RESUMED_STEPS = 10_000;
const BUDGET_RESUME_MS = 1_000;

const PARTS = ['steps', 'resume', 'concurrent', 'growth'] as const;

/** `npm run bench -- journal` runs all; with the names of parts, those alone. */
export async function main(argv: readonly string[]): Promise<void> {
  const parts = new Set<string>(argv.length === 0 ? PARTS : argv);
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-journal-'));
  console.log(`SQLite ${process.versions['sqlite']}, in ${folder}`);
  try {
    if (parts.has('steps')) await steps(folder);
    if (parts.has('resume')) await resume(folder);
    if (parts.has('concurrent')) await concurrent(folder);
    if (parts.has('growth')) await growth(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function steps(folder: string): Promise<void> {
  console.log(`
A step gives a small result and gives up one turn of the event loop, so that each is a commit of its own; one with a claim is
two commits. The bare insert is a prepared statement in a transaction of its own, which gives up a turn likewise. Steps that
wait for nothing end in one turn and are written together. 4,000 of each in a process of its own, three rounds.
`);
  const stepMs = await measureSteps(folder);
  tellBudget('one journaled step, NORMAL, median', stepMs, BUDGET_STEP_MS, 'ms', 3);
}

async function resume(folder: string): Promise<void> {
  console.log(`
Resuming: from engine.resume in a new process to the first step that is not journaled. Every second step has an event behind it.
`);
  const { ms, exponent } = await measureResume(folder);
  const resumedMs = ms.get(RESUMED_STEPS) ?? Number.NaN;
  console.log(
    `Time grows with the power ${exponent.toFixed(2)} of the steps; below 1, the program gets warm on the way.`,
  );
  tellBudget(`resuming ${RESUMED_STEPS} steps`, resumedMs, BUDGET_RESUME_MS, 'ms', 0);
}

async function concurrent(folder: string): Promise<void> {
  console.log(`
${RUNS_AT_ONCE} runs at once in each process, over one folder; a run is ${CONCURRENT_STEPS} steps, its start and its end.
`);
  await measureConcurrent(folder);
}

async function growth(folder: string): Promise<void> {
  console.log(`
Growth of state.db. A turn of the agent is that of "bench agent-loop": a short text, a call of a tool, a short result; what its
run costs by itself is in it.
`);
  await measureGrowth(folder);
}

function tellBudget(what: string, value: number, budget: number, unit: string, digits: number): void {
  const verdict = value <= budget ? 'kept' : 'exceeded';
  console.log(`Budget, ${what}: at most ${budget} ${unit}: ${value.toFixed(digits)} ${unit}, ${verdict}`);
}
