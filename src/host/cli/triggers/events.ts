import { RunStore } from '../../engine/durable/run-store.ts';
import { homeFolder } from '../../../config/environment.ts';
import { listEvents, type StoredEvent } from '../../trigger/event-store.ts';
import { printable, processOutput, table } from '../terminal.ts';
import type { EventsFlags } from '../trigger-commands.ts';
import { openTriggers, triggerNamed } from './open-triggers.ts';
import { second } from './trigger-view.ts';

export async function events(name: string, { json = false, limit, ...flags }: EventsFlags): Promise<void> {
  using opened = await openTriggers(flags);
  const { state, config, place } = opened;
  triggerNamed(config, name);
  const output = processOutput();
  const found = listEvents(state, place(name), limit);
  if (json) {
    await output.data(`${JSON.stringify(found, null, 2)}\n`);
    return;
  }
  if (found.length === 0) {
    output.status(`No event of ${name} is kept.`);
    return;
  }
  const shortIds = new RunStore(state, homeFolder()).shortIds();
  await output.data(`${table(found.map((event) => columns(event, shortIds)))}\n`);
}

function columns(event: StoredEvent, shortIds: ReadonlyMap<string, string>): string[] {
  const { id, receivedMs, state, reason = '', runId } = event;
  const run = runId === undefined ? '' : (shortIds.get(runId) ?? 'its run was deleted');
  return [second(receivedMs), printable(id), state, run === '' ? printable(reason) : run];
}
