/** Goes on with a run, or with the beginning of one, and shows it as `run` does. */
import { homeFolder } from '../../../config/environment.ts';
import { HostError } from '../../../errors.ts';
import { livePidOf } from '../../engine/durable/host-lock.ts';
import { resumeCommand } from '../../engine/durable/resume-command.ts';
import { lastEventNumber } from '../../engine/durable/run-facts.ts';
import type { RunRow } from '../../engine/durable/run-rows.ts';
import { RunStore } from '../../engine/durable/run-store.ts';
import type { RunHandle } from '../../engine/engine.ts';
import { isEnded, runEnded } from '../../engine/run-status.ts';
import { openState, type State } from '../../state.ts';
import { exitCodeOfRun } from '../exit-code.ts';
import { type OpenedHost, openHost } from '../open-host.ts';
import { budgetOf, onWaitOf, showRun, writeEvents } from '../run.ts';
import type { ForkFlags, GoOnFlags } from '../runs-commands.ts';
import { styled } from '../terminal.ts';

/** Rejects with HostError `unknown-run`, `run-elsewhere`, `run-ended`, `run-owned`. */
export async function resume(idOrBeginning: string, flags: GoOnFlags): Promise<void> {
  const { id, lastEvent } = look(idOrBeginning, (row, state) => {
    requireHere(row);
    if (isEnded(row.status)) throw ended(row);
    const pid = row.owner === undefined ? undefined : livePidOf(state, homeFolder(), row.owner);
    if (pid !== undefined) throw owned(row, pid);
  });
  await using opened = await openHost({ onAsk: 'wait', ...flags });
  const { host, signal } = opened;
  const budget = budgetOf(flags);
  const handle = await host.resume(id, { signal, budget, onWait: onWaitOf(opened) });
  await follow(handle, opened, { ...flags, from: lastEvent + 1 });
}

/** Rejects with HostError `unknown-run`, `run-elsewhere`, `unknown-step`, `unknown-model`. */
export async function fork(idOrBeginning: string, flags: ForkFlags): Promise<void> {
  const { at, model, input: request } = flags;
  const { id } = look(idOrBeginning, (row, _state, store) => {
    requireHere(row);
    const last = store.lastNumber(row.key);
    if (at > last)
      throw new HostError(
        'usage',
        `Run ${row.run.id} has no step ${at}; its last is ${last}. "switchyard runs show ${row.run.id}" lists them.`,
      );
  });
  await using opened = await openHost({ onAsk: 'wait', ...flags });
  const { host, signal, output } = opened;
  const handle = await host.fork(id, at, {
    signal,
    budget: budgetOf(flags),
    onWait: onWaitOf(opened),
    ...(model === undefined ? {} : { model }),
    ...(request === undefined ? {} : { request }),
  });
  if (!flags.json) output.status(styled('dim', `Run ${handle.id} begins with run ${id} up to ${at}.`));
  await follow(handle, opened, flags);
}

/** What a run is before a host is opened for it, which is given up where `check` throws. */
function look(
  idOrBeginning: string,
  check: (row: RunRow, state: State, store: RunStore) => void,
): { readonly id: string; readonly lastEvent: number } {
  using state = openState(homeFolder());
  const store = new RunStore(state, homeFolder());
  const row = store.get(idOrBeginning);
  check(row, state, store);
  return { id: row.run.id, lastEvent: lastEventNumber(state, row) };
}

async function follow(
  handle: RunHandle,
  opened: OpenedHost,
  { json, from }: { readonly json?: boolean; readonly from?: number },
): Promise<void> {
  const outcome = json ? await writeEvents(handle, opened, from) : await showRun(handle, opened, from);
  process.exitCode = exitCodeOfRun(outcome);
}

/** That of its config is looked at by the engine, which knows which one is in use. */
function requireHere(row: RunRow): void {
  if (row.project === process.cwd()) return;
  throw new HostError(
    'run-elsewhere',
    `Run ${row.run.id} belongs to the folder ${row.project}. Go on with it there: ${resumeCommand(row, process.cwd())}`,
  );
}

function ended({ run, status }: RunRow): HostError {
  const { message } = runEnded(run.id, status);
  return new HostError(
    'run-ended',
    `${message} switchyard runs replay ${run.id}; switchyard runs fork ${run.id} --at <step>`,
  );
}

function owned({ run }: RunRow, pid: number): HostError {
  return new HostError(
    'run-owned',
    `Run ${run.id} is being worked on by process ${pid}. To end it: switchyard runs cancel ${run.id}`,
    { data: { pid } },
  );
}
