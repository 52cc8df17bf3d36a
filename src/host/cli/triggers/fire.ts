import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { environment, homeFolder } from '../../../config/environment.ts';
import { type TriggerConfig, triggerSettings } from '../../../config/trigger-config.ts';
import { HostError } from '../../../errors.ts';
import type { JsonObject } from '../../../json.ts';
import type { RunHandle } from '../../engine/engine.ts';
import { knownSecrets } from '../../secret/known.ts';
import { createLearningRedactor } from '../../secret/learning-redactor.ts';
import { daemonPid } from '../../trigger/daemon-lock.ts';
import { findEvent, type StoredEvent, takeEvent } from '../../trigger/event-store.ts';
import type { TriggerEvent } from '../../trigger/source.ts';
import { exitCodeOfRun } from '../exit-code.ts';
import { jsonArgument } from '../json-argument.ts';
import { openHost } from '../open-host.ts';
import { showRun, writeEvents } from '../run.ts';
import { type Output, processOutput } from '../terminal.ts';
import type { FireFlags } from '../trigger-commands.ts';
import { type OpenedTriggers, openTriggers, triggerNamed } from './open-triggers.ts';

/**
 * Writes an event down as a source would. A daemon works on it, whose run is named; where there is none the run is worked on here to
 * its end, and stdout carries its answer.
 */
export async function fire(name: string, json: string | undefined, flags: FireFlags): Promise<void> {
  using opened = await openTriggers(flags);
  const output = processOutput();
  const { config, state, place } = opened;
  const trigger = triggerNamed(config, name);
  const event = await eventOf(json, flags, trigger);
  const taken = takeEvent(
    state,
    place(name),
    masked(event, opened),
    triggerSettings(name, trigger),
    Date.now(),
  );
  if (taken.type === 'paused')
    throw new HostError(
      'trigger-paused',
      `Trigger "${name}" is paused, and the event was skipped. To let it start runs again: switchyard triggers resume ${name}`,
    );
  if (taken.type === 'duplicate') {
    await tell(output, flags, findEvent(state, place(name), event.id), 'was taken before');
    return;
  }
  const pid = daemonPid(homeFolder(), config.file);
  if (pid === undefined) await workOnIt(name, event, flags, opened);
  else {
    const stored = await decided(opened, name, event.id, PATIENCE_MS);
    await tell(output, flags, stored, `is with the daemon (process ${pid})`);
  }
}

const PATIENCE_MS = 10_000;
/** A run that does not begin here by then is worked on by another process. */
const BEGIN_MS = 3_000;
const LOOK_INTERVAL_MS = 50;

async function eventOf(
  json: string | undefined,
  { eventId }: FireFlags,
  { schedule }: TriggerConfig,
): Promise<TriggerEvent> {
  const given = await jsonArgument(json, '{"name": "value"}');
  const atMs = Date.now();
  // What a schedule would have told at this time.
  const own = schedule === undefined ? {} : { scheduledAt: new Date(atMs).toISOString(), missed: 0 };
  return { id: eventId ?? `fired:${randomUUID()}`, atMs, data: { ...own, ...given } };
}

function masked(event: TriggerEvent, { config }: OpenedTriggers): TriggerEvent {
  const redactor = createLearningRedactor({ known: knownSecrets(config, environment()) });
  return { ...event, data: redactor.value(event.data) };
}

/** The event once it is known what becomes of it, or as it stands after that time. */
async function decided(
  { state, place }: OpenedTriggers,
  name: string,
  eventId: string,
  patienceMs: number,
): Promise<StoredEvent | undefined> {
  const started = performance.now();
  for (;;) {
    const event = findEvent(state, place(name), eventId);
    if (event?.state !== 'pending' || performance.now() - started > patienceMs) return event;
    await wait(LOOK_INTERVAL_MS);
  }
}

async function workOnIt(
  name: string,
  event: TriggerEvent,
  flags: FireFlags,
  opened: OpenedTriggers,
): Promise<void> {
  const { debounceMs = 0 } = triggerNamed(opened.config, name);
  await using host = await openHost({ ...flags, onAsk: 'wait', inConfigFolder: true });
  const begun = new Map<string, RunHandle>();
  await host.host.triggers.workOff(name, (handle) => begun.set(handle.id, handle));
  const stored = await decided(opened, name, event.id, PATIENCE_MS + debounceMs);
  const handle = await begunRun(begun, stored?.runId);
  if (handle === undefined) {
    await tell(host.output, flags, stored, 'is written down');
    return;
  }
  const outcome = flags.json ? await writeEvents(handle, host) : await showRun(handle, host);
  process.exitCode = exitCodeOfRun(outcome);
}

/** What is marked as started begins a moment later, or where another process was quicker not here. */
async function begunRun(
  begun: ReadonlyMap<string, RunHandle>,
  runId: string | undefined,
): Promise<RunHandle | undefined> {
  if (runId === undefined) return undefined;
  const started = performance.now();
  while (!begun.has(runId) && performance.now() - started < BEGIN_MS) await wait(LOOK_INTERVAL_MS);
  return begun.get(runId);
}

async function tell(
  output: Output,
  { json = false }: Pick<FireFlags, 'json'>,
  event: StoredEvent | undefined,
  how: string,
): Promise<void> {
  if (event === undefined) throw new HostError('internal', 'The event is not there any more.');
  const told: JsonObject = { ...event };
  if (json) await output.data(`${JSON.stringify(told)}\n`);
  else output.status(`Event ${event.id} ${how}: ${becameOf(event)}`);
  if (event.state === 'failed' || event.state === 'skipped') process.exitCode = 1;
}

function becameOf({ state, reason = '', runId }: StoredEvent): string {
  switch (state) {
    case 'started':
      return `run ${runId ?? ''}. To see it: switchyard runs show ${runId ?? ''}`;
    case 'pending':
      return 'it waits, and its run starts when its turn comes and a daemon works on it.';
    case 'skipped':
      return `it was skipped, because ${reason}.`;
    case 'failed':
      return `no run could be made of it. ${reason}`;
    default:
      return state satisfies never;
  }
}
