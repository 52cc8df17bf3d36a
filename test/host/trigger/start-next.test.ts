import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type TriggerSettings, triggerSettings } from '../../../src/config/trigger-config.ts';
import { RunStore } from '../../../src/host/engine/durable/run-store.ts';
import type { RunStatus } from '../../../src/host/engine/engine.ts';
import { openState, type State } from '../../../src/host/state.ts';
import { findEvent, forgetEvents, listEvents, takeEvent } from '../../../src/host/trigger/event-store.ts';
import { type NextStart, startNext } from '../../../src/host/trigger/start-next.ts';
import { setPaused } from '../../../src/host/trigger/trigger-state.ts';
import { type TemporaryFolder, temporaryFolder } from '../../fixtures/temporary-folder.ts';

let folder: TemporaryFolder;
let state: State;
beforeEach(async () => {
  folder = await temporaryFolder('events');
  state = openState(folder.path);
});
afterEach(async () => {
  state[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
});

const place = { configFile: '/a/mcp.config.json', trigger: 'hook' };
const runPlace = { configFile: place.configFile, project: '/a', programVersion: '1' };
const START = Date.parse('2026-03-01T12:00:00Z');

function settings(more: Partial<TriggerSettings> = {}): TriggerSettings {
  return { ...triggerSettings('hook', { workflow: 'w', resource: { uri: 'a:b' } }), ...more };
}

function take(id: string, more: Partial<TriggerSettings> = {}, nowMs = START, data = {}) {
  return takeEvent(state, place, { id, atMs: nowMs, data }, settings(more), nowMs);
}

/** As the daemon does: what is due is made a run of, and then started. */
function start(more: Partial<TriggerSettings> = {}, nowMs = START): NextStart {
  const options = { place, settings: settings(more), runPlace, nowMs };
  const next = startNext(state, options);
  if (next.type !== 'due') return next;
  const input = next.events.map(({ id }) => id);
  const run = { workflow: 'w', workflowRevision: '1', actor: 'trigger:hook', input, budget: {} };
  return startNext(state, { ...options, made: { events: next.events, run } });
}

function started(next: NextStart): string {
  if (next.type !== 'started') throw new Error(`nothing was started: ${JSON.stringify(next)}`);
  return next.runId;
}

function end(runId: string, status: RunStatus = 'done', reason: string | null = null): void {
  state.database.prepare('UPDATE runs SET status = ?, reason = ? WHERE id = ?').run(status, reason, runId);
}

const runs = () => new RunStore(state, folder.path).list().map(({ run }) => run.input);
const states = () =>
  Object.fromEntries(listEvents(state, place, 100).map((event) => [event.id, event.state]));

describe('one event is one run', () => {
  test('told three times it starts one run, and the later ones are told which', () => {
    expect(take('a')).toEqual({ type: 'accepted' });
    expect(take('a')).toEqual({ type: 'duplicate' });
    const runId = started(start());
    expect(take('a')).toEqual({ type: 'duplicate', runId });
    expect(start()).toMatchObject({ type: 'idle' });
    expect(runs()).toEqual([['a']]);
  });

  test('whoever comes second with the same event finds it started', () => {
    take('a');
    const options = { place, settings: settings(), runPlace, nowMs: START };
    const [one, two] = [startNext(state, options), startNext(state, options)];
    if (one.type !== 'due' || two.type !== 'due') throw new Error('nothing is due');
    const run = { workflow: 'w', workflowRevision: '1', actor: 'x', input: null, budget: {} };
    expect(startNext(state, { ...options, made: { events: one.events, run } }).type).toBe('started');
    expect(startNext(state, { ...options, made: { events: two.events, run } }).type).toBe('idle');
    expect(runs()).toHaveLength(1);
  });

  test('an event that was forgotten and comes again finds the run that it had started', () => {
    take('a');
    const runId = started(start());
    end(runId);
    expect(forgetEvents(state, START + 1)).toBe(1);
    take('a');
    expect(started(start())).toBe(runId);
    expect(runs()).toHaveLength(1);
  });

  test('events of the same id of another trigger or another config are others', () => {
    take('a');
    const event = { id: 'a', atMs: START, data: {} };
    expect(takeEvent(state, { ...place, trigger: 'other' }, event, settings(), START).type).toBe('accepted');
    expect(takeEvent(state, { ...place, configFile: '/b' }, event, settings(), START).type).toBe('accepted');
  });

  test('what a run cannot be made of is failed, with the reason, and holds up nothing', () => {
    take('a');
    take('b');
    const options = { place, settings: settings(), runPlace, nowMs: START };
    const due = startNext(state, options);
    if (due.type !== 'due') throw new Error('nothing is due');
    startNext(state, { ...options, made: { events: due.events, failure: 'no such workflow' } });
    expect(findEvent(state, place, 'a')).toMatchObject({ state: 'failed', reason: 'no such workflow' });
    expect(start().type).toBe('started');
  });

  test('with a run that is deleted go the data of its events, and the trigger is free again', () => {
    take('a', {}, START, { secret: 'of a person' });
    started(start());
    take('b');
    state.database.exec('DELETE FROM runs');
    const rows = state.database.prepare("SELECT data FROM trigger_events WHERE event_id = 'a'").all();
    expect(rows).toEqual([{ data: null }]);
    expect(take('a').type).toBe('duplicate');
    expect(start().type).toBe('started');
  });
});

describe('while a run is under way', () => {
  test('"queue": one after another, in order, and no more wait than may', () => {
    const queue = { overlap: 'queue', maxQueued: 2 } as const;
    take('a', queue);
    const first = started(start(queue));
    for (const id of ['b', 'c', 'd']) take(id, queue);
    expect(start(queue)).toEqual({ type: 'blocked', runIds: [first] });
    expect(states()).toEqual({ a: 'started', b: 'pending', c: 'pending', d: 'skipped' });
    const late = { id: 'e', atMs: START, data: {} };
    const refusing = { ...settings(queue), onFull: 'refuse' } as const;
    expect(takeEvent(state, place, late, refusing, START).type).toBe('full');
    expect(findEvent(state, place, 'e')).toBeUndefined();
    end(first, 'waiting', 'waiting');
    expect(start(queue).type).toBe('blocked');
    end(first, 'failed');
    const second = started(start(queue));
    end(second);
    started(start(queue));
    expect(runs().toReversed()).toEqual([['a'], ['b'], ['c']]);
  });

  test('a run that nobody can go on with holds up nothing', () => {
    take('a');
    end(started(start()), 'suspended', 'mismatch');
    take('b');
    expect(start().type).toBe('started');
  });

  test('"skip": what comes meanwhile is skipped, and it is said because of which run', () => {
    take('a', { overlap: 'skip' });
    const runId = started(start({ overlap: 'skip' }));
    take('b');
    expect(start({ overlap: 'skip' }).type).toBe('skipped');
    expect(findEvent(state, place, 'b')?.reason).toContain(runId);
    end(runId);
    expect(start({ overlap: 'skip' }).type).toBe('idle');
  });

  test('"parallel": as many at once as may be', () => {
    const parallel = { overlap: 'parallel', maxParallel: 2 } as const;
    for (const id of ['a', 'b', 'c']) take(id, parallel);
    const first = started(start(parallel));
    const second = started(start(parallel));
    expect(start(parallel)).toEqual({ type: 'blocked', runIds: [first, second] });
    end(second);
    expect(start(parallel).type).toBe('started');
  });

  test('"replace": the run that is under way is to end, and only the last event counts', () => {
    const replace = { overlap: 'replace' } as const;
    take('a', replace);
    const first = started(start(replace));
    take('b', replace);
    take('c', replace);
    expect(start(replace)).toEqual({ type: 'replace', runIds: [first], event: 'c' });
    end(first, 'cancelled');
    expect(start(replace)).toMatchObject({ type: 'skipped', events: ['b'] });
    expect(start(replace)).toMatchObject({ type: 'started', events: ['c'] });
  });
});

describe('debounce', () => {
  const debounced = { debounceMs: 1_000 };

  test('events that follow one another within it start one run together, after the last', () => {
    take('a', debounced, START);
    take('b', debounced, START + 800);
    expect(start(debounced, START + 1_500)).toEqual({
      type: 'wait',
      untilMs: START + 1_800,
      why: 'debounce',
    });
    const runId = started(start(debounced, START + 1_800));
    expect(runs()).toEqual([['a', 'b']]);
    expect(take('a', debounced)).toEqual({ type: 'duplicate', runId });
  });

  test('events that never cease start a run all the same', () => {
    for (let index = 0; index <= 20; index += 1) take(`e${index}`, debounced, START + index * 500);
    expect(start(debounced, START + 10_000).type).toBe('started');
  });

  test('of more than may wait the last ones count', () => {
    const few = { ...debounced, maxQueued: 2 };
    for (const id of ['a', 'b', 'c']) take(id, few);
    started(start(few, START + 1_000));
    expect(states()).toEqual({ a: 'skipped', b: 'started', c: 'started' });
  });

  test('a clock that was set back by hours holds nothing up', () => {
    take('a', debounced, START);
    const earlier = START - 5 * 3_600_000;
    expect(start(debounced, earlier)).toMatchObject({ type: 'wait', untilMs: earlier + 1_000 });
  });
});

describe('a flood', () => {
  const few = { maxRunsPerHour: 2 };
  const flood = (): void => {
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      take(id, few, START + index);
      const next = start(few, START + index);
      if (next.type === 'started') end(next.runId);
    }
  };

  test('starts no more runs within an hour than may, and the rest wait for the hour to pass', () => {
    flood();
    expect(states()).toEqual({ a: 'started', b: 'started', c: 'pending' });
    expect(start(few, START + 10)).toEqual({ type: 'wait', untilMs: START + 3_600_000, why: 'limit' });
    expect(start(few, START + 3_600_001).type).toBe('started');
  });

  test('with "skip" the rest is skipped', () => {
    flood();
    expect(start({ ...few, overlap: 'skip' }, START + 10)).toMatchObject({ type: 'skipped', events: ['c'] });
  });
});

describe('paused', () => {
  test('nothing starts; what came before goes on waiting, what comes meanwhile is skipped', () => {
    take('a');
    setPaused(state, place, START);
    expect(take('b')).toEqual({ type: 'paused' });
    expect(start().type).toBe('idle');
    setPaused(state, place, undefined);
    expect(start()).toMatchObject({ type: 'started', events: ['a'] });
    expect(take('b')).toEqual({ type: 'duplicate' });
  });

  test('a pause outlives the process', () => {
    setPaused(state, place, START);
    state[Symbol.dispose]();
    state = openState(folder.path);
    expect(take('a')).toEqual({ type: 'paused' });
  });
});

test('events are forgotten by age, unless they wait or their run is under way', () => {
  take('old');
  end(started(start()));
  take('running');
  started(start());
  take('waiting');
  forgetEvents(state, START + 1);
  expect(states()).toEqual({ running: 'started', waiting: 'pending' });
});
