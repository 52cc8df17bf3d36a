import type { RunTotals } from '../event.ts';
import { RunBudget } from './budget.ts';
import { EventStream } from './event-stream.ts';
import type { Journals } from './engine.ts';
import type { Journal, JournalRow } from './journal.ts';
import { RunJournal } from './run-journal.ts';

/** False where a live host has it, which was asked to cancel it. Rejects like `Journals.requestCancel`. */
export async function cancelElsewhere(
  journals: Pick<Journals, 'open' | 'requestCancel'>,
  runId: string,
  reason: string,
): Promise<boolean> {
  if (await journals.requestCancel(runId, reason)) return false;
  cancelLeftRun(await journals.open(runId), reason);
  return true;
}

/** Ends a run that nobody works on. Throws like `Journal.close`. */
function cancelLeftRun(journal: Journal, reason: string): void {
  const started = performance.now();
  const rows = new RunJournal(journal, new EventStream());
  const totals = totalsOf(journal.rows());
  const error = { code: 'cancelled', message: reason };
  const durationMs = performance.now() - started;
  rows.appendEvent(
    { type: 'run-end', outcome: 'cancelled', error, totals, durationMs },
    { runId: journal.run.id, path: '' },
  );
  journal.close({ status: 'cancelled' });
}

/** What a run spent, as far as its events tell. */
export function totalsOf(rows: Iterable<JournalRow>): RunTotals {
  const budget = new RunBudget({});
  for (const row of rows) {
    if (row.type !== 'event') continue;
    const { event } = row;
    if (event.type === 'turn-start') budget.spend({ turns: 1 });
    if (event.type === 'tool-call-end' && event.sizeBytes > 0) budget.spend({ toolCalls: 1 });
    if (event.type === 'model-end') budget.spend({ model: { usage: event.usage, costUsd: event.costUsd } });
  }
  return budget.spent;
}
