/** Goes on with runs that were left, in this process and with the output of `run`. */
import { homeFolder } from '../../config/environment.ts';
import { HostError } from '../../errors.ts';
import { livePidOf } from '../engine/durable/host-lock.ts';
import { lastEventNumber } from '../engine/durable/run-facts.ts';
import type { State } from '../state.ts';
import { resumeCommand } from '../engine/durable/resume-command.ts';
import type { RunRow } from '../engine/durable/run-rows.ts';
import type { RunStore } from '../engine/durable/run-store.ts';
import type { GlobalFlags } from './commands.ts';
import { EXIT, type ExitCode, exitCodeOfRun } from './exit-code.ts';
import { type OpenedHost, openHost } from './open-host.ts';
import { onWaitOf, showRun, writeEvents } from './run.ts';
import { processOutput } from './terminal.ts';

export interface ContinueFlags extends GlobalFlags {
  readonly json?: boolean;
}

/** A run as it stands before it goes on. */
export interface LeftRun {
  readonly row: RunRow;
  /** The last of its events that was stored. */
  readonly lastEvent: number;
  /** Of the process that works on it. */
  readonly pid: number | undefined;
}

export function leftRun(state: State, store: RunStore, runId: string): LeftRun {
  const row = store.get(runId);
  const pid = row.owner === undefined ? undefined : livePidOf(state, homeFolder(), row.owner);
  return { row, lastEvent: lastEventNumber(state, row), pid };
}

/**
 * Each in its turn; with the first exit code that is not 0. A run that a live process has goes on there; of one that belongs
 * to another folder or config it is said how to go on with it.
 */
export async function continueRuns(runs: readonly LeftRun[], flags: ContinueFlags): Promise<ExitCode> {
  const left = runs.filter(({ pid }) => pid === undefined);
  for (const { row, pid } of runs)
    if (pid !== undefined)
      processOutput().status(`Run ${row.run.id} is being worked on by process ${pid}. It goes on there.`);
  const here = left.filter(({ row }) => row.project === process.cwd());
  for (const { row } of left) if (row.project !== process.cwd()) tellElsewhere(row);
  if (here.length === 0) return EXIT.done;
  await using opened = await openHost({ ...flags, onAsk: 'wait' });
  let code: ExitCode = EXIT.done;
  for (const run of here) {
    const one = await continueRun(run, flags, opened);
    if (code === EXIT.done) code = one;
  }
  return code;
}

async function continueRun(
  { row, lastEvent }: LeftRun,
  { json }: ContinueFlags,
  opened: OpenedHost,
): Promise<ExitCode> {
  try {
    const handle = await opened.host.resume(row.run.id, {
      signal: opened.signal,
      onWait: onWaitOf(opened),
    });
    const from = lastEvent + 1;
    return exitCodeOfRun(
      json ? await writeEvents(handle, opened, from) : await showRun(handle, opened, from),
    );
  } catch (error) {
    const told = error instanceof HostError ? toldOf(error) : undefined;
    if (told === undefined) throw error;
    opened.output.status(told);
    return EXIT.done;
  }
}

/** Why a run does not go on here, where that is no failure. */
function toldOf({ code, message }: HostError): string | undefined {
  switch (code) {
    case 'run-owned':
      return `${message} It goes on there.`;
    case 'run-ended':
      return 'Its run went on where it was open, and has ended.';
    case 'run-elsewhere':
    case 'unknown-workflow':
      return message;
    default:
      return undefined;
  }
}

function tellElsewhere(row: RunRow): void {
  processOutput().status(
    `Its run belongs to the folder ${row.project}. Where no program has it open there: ${resumeCommand(row, process.cwd())}`,
  );
}
