import { homeFolder } from '../../../config/environment.ts';
import { RunStore } from '../../engine/durable/run-store.ts';
import type { ReplayOutcome } from '../../engine/engine.ts';
import type { JournalRow } from '../../engine/journal.ts';
import { openState } from '../../state.ts';
import { EXIT } from '../exit-code.ts';
import { openHost } from '../open-host.ts';
import type { ReplayFlags } from '../runs-commands.ts';
import { oneLine } from '../terminal.ts';

type Difference = Extract<ReplayOutcome, { type: 'different' }>;

/** Exit code 1 where the workflow would do something else today. */
export async function replay(idOrBeginning: string, flags: ReplayFlags): Promise<void> {
  const { id, rows } = read(idOrBeginning);
  await using opened = await openHost(flags);
  const { host, output } = opened;
  const outcome = await host.engine.replay(id);
  if (outcome.type === 'different') process.exitCode = EXIT.failed;
  const step = outcome.type === 'different' ? numberOf(rows, outcome) : undefined;
  if (flags.json) {
    const told = { run: id, ...outcome, ...(step === undefined ? {} : { step }) };
    return output.data(`${JSON.stringify(told, null, 2)}\n`);
  }
  await output.data(`${outcome.type === 'different' ? differenceText(outcome, step) : sameText(outcome)}\n`);
}

function read(idOrBeginning: string): { readonly id: string; readonly rows: readonly JournalRow[] } {
  using state = openState(homeFolder());
  const store = new RunStore(state, homeFolder());
  const row = store.get(idOrBeginning);
  return { id: row.run.id, rows: [...store.rows(row)] };
}

/** As `runs show` numbers it; of what the journal does not hold, the last before it. */
function numberOf(rows: readonly JournalRow[], { kind, path, ordinal }: Difference): number {
  const index =
    kind === 'outcome'
      ? -1
      : rows.findIndex((row) => {
          const place = row.type === 'event' ? row.place : row;
          return row.type === kind && place?.path === path && place.ordinal === ordinal;
        });
  return index < 0 ? rows.length : index + 1;
}

function sameText({ steps, complete }: Extract<ReplayOutcome, { type: 'identical' }>): string {
  return `identical: ${steps} steps${complete ? '' : ', as far as the run has come'}`;
}

const MAX_LENGTH = 2_000;

function differenceText({ kind, path, ordinal, journaled, now }: Difference, step = 0): string {
  const where = `${path === '' ? 'the trunk' : path}, ${kind} ${ordinal}`;
  return [
    `different at ${step}: ${kind === 'outcome' ? 'what came of the run' : where}`,
    `  journaled  ${told(journaled)}`,
    `  now        ${told(now)}`,
  ].join('\n');
}

function told(text: string | undefined): string {
  return text === undefined ? '(nothing)' : oneLine(text, MAX_LENGTH);
}
