import { homeFolder } from '../../../config/environment.ts';
import { toHostError } from '../../../errors.ts';
import { cancelRun } from '../../engine/durable/cancel-run.ts';
import type { RunRow } from '../../engine/durable/run-rows.ts';
import { RunStore } from '../../engine/durable/run-store.ts';
import type { RunStatus } from '../../engine/engine.ts';
import { openState, type State } from '../../state.ts';
import { exitCodeOf } from '../exit-code.ts';
import { processOutput } from '../terminal.ts';

const REASON = 'It was cancelled by "switchyard runs cancel".';

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
    await cancelRun(row, { state, store, homeFolder: homeFolder(), reason: REASON });
    return { id, status: 'cancelled', message: `Run ${id} is cancelled.` };
  } catch (thrown) {
    const { code, message } = toHostError(thrown);
    return { id, status: store.get(id).status, message, failure: code };
  }
}
