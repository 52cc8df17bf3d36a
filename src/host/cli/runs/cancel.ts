import { setTimeout as wait } from 'node:timers/promises';

import { homeFolder } from '../../../config/environment.ts';
import { packageVersion } from '../../../config/package-version.ts';
import { HostError, toHostError } from '../../../errors.ts';
import { cancelElsewhere } from '../../engine/cancel-left-run.ts';
import { DurableJournals } from '../../engine/durable/durable-journals.ts';
import { livePidOf } from '../../engine/durable/host-lock.ts';
import type { RunRow } from '../../engine/durable/run-rows.ts';
import { RunStore } from '../../engine/durable/run-store.ts';
import type { RunStatus } from '../../engine/engine.ts';
import { isEnded } from '../../engine/run-status.ts';
import { openState, type State } from '../../state.ts';
import { exitCodeOf } from '../exit-code.ts';
import { processOutput } from '../terminal.ts';

const REASON = 'It was cancelled by "switchyard runs cancel".';
const LOOK_INTERVAL_MS = 50;
/** A tool that does not mind being cancelled may take its time. */
const PATIENCE_MS = 15_000;

type Cancelled = {
  readonly id: string;
  readonly status: RunStatus;
  readonly message: string;
  readonly failure?: string;
};

/** Needs no config: nothing of a run is worked on any more. */
export async function cancel(
  ids: readonly string[],
  { json = false }: { readonly json?: boolean },
): Promise<void> {
  const output = processOutput();
  using state = openState(homeFolder());
  const store = new RunStore(state, homeFolder());
  const rows = new Map(ids.map((id) => store.get(id)).map((row) => [row.run.id, row]));
  const told: Cancelled[] = [];
  for (const row of rows.values()) told.push(await cancelOne(row, state, store));
  const failed = told.find(({ failure }) => failure !== undefined)?.failure;
  if (failed !== undefined) process.exitCode = exitCodeOf(failed);
  if (json) await output.data(`${JSON.stringify(told, null, 2)}\n`);
  else for (const { message } of told) output.status(message);
}

async function cancelOne(row: RunRow, state: State, store: RunStore): Promise<Cancelled> {
  const { id } = row.run;
  try {
    using journals = new DurableJournals({
      state: async () => state,
      homeFolder: homeFolder(),
      configFile: row.configFile,
      project: row.project,
      programVersion: packageVersion(),
    });
    if (await cancelElsewhere(journals, id, REASON))
      return { id, status: 'cancelled', message: `Run ${id} is cancelled.` };
    return await awaitEnd(row, state, store);
  } catch (thrown) {
    const { code, message } = toHostError(thrown);
    return { id, status: store.get(id).status, message, failure: code };
  }
}

/** Of a run that another process was asked to end. */
async function awaitEnd({ run: { id } }: RunRow, state: State, store: RunStore): Promise<Cancelled> {
  const started = performance.now();
  for (;;) {
    const { status, owner } = store.get(id);
    if (status === 'cancelled') return { id, status, message: `Run ${id} is cancelled.` };
    if (isEnded(status))
      throw new HostError('run-ended', `Run ${id} was ${status} before it could be cancelled.`);
    const pid = owner === undefined ? undefined : livePidOf(state, homeFolder(), owner);
    if (performance.now() - started > PATIENCE_MS || pid === undefined)
      throw new HostError(
        'not-cancelled-yet',
        pid === undefined
          ? `Run ${id} was left before it was cancelled. Cancel it once more.`
          : `Process ${pid} was asked to cancel run ${id} and has not yet. It does so when its step ends.`,
      );
    await wait(LOOK_INTERVAL_MS);
  }
}
