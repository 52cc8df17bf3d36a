/** A run that is over, as its caller would have been told of it: from its journal, and nothing is done. */
import { HostError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { StoredEvent } from '../event.ts';
import type { RunHandle, RunOutcome, StoredRun } from './engine.ts';

export function endedRun({ run, rows }: StoredRun): RunHandle {
  const events = [...rows()].flatMap((row) => (row.type === 'event' ? row.event : []));
  return {
    id: run.id,
    run,
    events: (from = 1) => each(events.filter(({ number }) => number >= from)),
    storedEvents: () => each(events),
    result: Promise.resolve(outcomeOf(run.id, events)),
    cancel: () => undefined,
  };
}

function outcomeOf(runId: string, events: readonly StoredEvent[]): RunOutcome {
  const end = events.findLast((event) => event.type === 'run-end');
  if (end === undefined) throw new HostError('internal', `The journal of run ${runId} has no end.`);
  const { outcome, output = null, totals } = end;
  const error = end.error ?? { code: outcome, message: `The run has ended (${outcome}).` };
  if (outcome === 'done') return { type: 'done', output: output satisfies Json, runId, totals };
  return outcome === 'cancelled'
    ? { type: 'cancelled', message: error.message, runId, totals }
    : { type: 'failed', error, runId, totals };
}

async function* each(events: readonly StoredEvent[]): AsyncGenerator<StoredEvent> {
  yield* events;
}
