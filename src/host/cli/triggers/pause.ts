import { pendingCount } from '../../trigger/event-store.ts';
import { pausedSince, setPaused } from '../../trigger/trigger-state.ts';
import { processOutput } from '../terminal.ts';
import type { TriggerFlags } from '../trigger-commands.ts';
import { openTriggers, triggerNamed } from './open-triggers.ts';

/** All of them, or none where one is unknown. A daemon takes it up by itself. */
export async function pause(
  names: readonly string[],
  isPaused: boolean,
  { json = false, ...flags }: TriggerFlags,
): Promise<void> {
  using opened = await openTriggers(flags);
  const { state, config, place } = opened;
  for (const name of names) triggerNamed(config, name);
  const output = processOutput();
  const told = names.map((name) => {
    const before = pausedSince(state, place(name));
    if (isPaused !== (before !== undefined)) setPaused(state, place(name), isPaused ? Date.now() : undefined);
    const changed = isPaused !== (before !== undefined);
    return { trigger: name, paused: isPaused, changed, waiting: pendingCount(state, place(name)) };
  });
  if (json) {
    await output.data(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  for (const { trigger, changed, waiting } of told)
    output.status(lineOf(trigger, isPaused, changed, waiting));
}

function lineOf(trigger: string, isPaused: boolean, changed: boolean, waiting: number): string {
  if (!changed) return `${trigger} ${isPaused ? 'is paused already' : 'is not paused'}.`;
  const events = waiting === 1 ? '1 event waits' : `${waiting} events wait`;
  if (!isPaused) return `${trigger} starts runs again.${waiting > 0 ? ` ${events}.` : ''}`;
  return `${trigger} is paused: events that come now are skipped.${waiting > 0 ? ` ${events} until it is resumed.` : ''}`;
}
