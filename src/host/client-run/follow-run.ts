import { setTimeout as delay } from 'node:timers/promises';

import type { RunRow } from '../engine/durable/run-rows.ts';
import type { RunStore } from '../engine/durable/run-store.ts';
import type { Engine } from '../engine/engine.ts';
import type { RunEvent } from '../event.ts';
import { untilAborted } from './until-aborted.ts';

export interface FollowOptions {
  readonly engine: Pick<Engine, 'running'>;
  readonly store: Pick<RunStore, 'get' | 'events'>;
  /** Whether it comes to nothing more, as it stands. */
  readonly isOver: (row: RunRow) => boolean;
  readonly signal: AbortSignal;
}

/** How late what another process writes may be noticed. */
const LOOK_EVERY_MS = 200;

/** From this process as it comes, with the pieces of what a model says; of one in another process what is written down. */
export async function* followRun(
  runId: string,
  { engine, store, isOver, signal }: FollowOptions,
): AsyncGenerator<RunEvent, void, void> {
  let lastEvent = 0;
  let lastRow = 0;
  while (!signal.aborted) {
    const handle = engine.running(runId);
    if (handle !== undefined) {
      for await (const event of untilAborted(handle.events(lastEvent + 1), signal)) {
        if ('number' in event) lastEvent = event.number;
        yield event;
      }
      if (signal.aborted) return;
      await handle.result;
    }
    // Looked at first: what it told before it was over is there then.
    const row = store.get(runId);
    const over = isOver(row);
    for (const { rowNumber, event } of store.events(row, lastRow)) {
      lastRow = rowNumber;
      if (event.number <= lastEvent) continue;
      lastEvent = event.number;
      yield event;
    }
    if (over) return;
    // An abort ends the wait, and with it the loop.
    if (engine.running(runId) === undefined)
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
