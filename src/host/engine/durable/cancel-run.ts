import { setTimeout as wait } from 'node:timers/promises';

import { packageVersion } from '../../../config/package-version.ts';
import { HostError } from '../../../errors.ts';
import type { State } from '../../state.ts';
import { cancelElsewhere } from '../cancel-left-run.ts';
import type { Engine } from '../engine.ts';
import { isEnded } from '../run-status.ts';
import { DurableJournals } from './durable-journals.ts';
import { livePidOf } from './host-lock.ts';
import type { RunRow } from './run-rows.ts';
import type { RunStore } from './run-store.ts';

export interface CancelRunOptions {
  readonly state: State;
  readonly store: RunStore;
  readonly homeFolder: string;
  readonly reason: string;
  /** Of this process, where it has one. */
  readonly engine?: Pick<Engine, 'running'>;
}

const LOOK_INTERVAL_MS = 50;
/** A tool that does not mind being cancelled may take its time. */
const PATIENCE_MS = 15_000;

/**
 * Resolves when the run is cancelled, of whichever config and folder it is. Rejects with HostError `run-ended`, and
 * `not-cancelled-yet` where whoever works on it takes its time.
 */
export async function cancelRun(row: RunRow, options: CancelRunOptions): Promise<void> {
  const { state, homeFolder, reason, engine } = options;
  const open = engine?.running(row.run.id);
  if (open !== undefined) {
    open.cancel(reason);
    return awaitEnd(row, options);
  }
  using journals = new DurableJournals({
    state: async () => state,
    homeFolder,
    configFile: row.configFile,
    project: row.project,
    programVersion: packageVersion(),
  });
  if (!(await cancelElsewhere(journals, row.run.id, reason))) await awaitEnd(row, options);
}

/** Of a run that whoever works on it was asked to end. */
async function awaitEnd(
  { run: { id } }: RunRow,
  { state, store, homeFolder }: CancelRunOptions,
): Promise<void> {
  const started = performance.now();
  for (;;) {
    const { status, owner } = store.get(id);
    if (status === 'cancelled') return;
    if (isEnded(status))
      throw new HostError('run-ended', `Run ${id} was ${status} before it could be cancelled.`);
    const pid = owner === undefined ? undefined : livePidOf(state, homeFolder, owner);
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
