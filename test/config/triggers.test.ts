import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { cronTimes } from '../../src/config/cron.ts';
import { type ConfigFolder, configFolder, failureOf } from './config-folder.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = configFolder();
});
afterEach(() => folder[Symbol.dispose]());

const workflows = { digest: { agent: { instructions: 'Sum up.' } } };
const NIGHTLY = { schedule: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' } };
const load = (triggers: unknown) => folder.loadText(JSON.stringify({ workflows, triggers }, null, 1));

describe('a fault is told with its place and the nearest name', () => {
  test.each([
    [
      'a workflow that is not there',
      { workflow: 'digets', ...NIGHTLY },
      { path: 'triggers.it.workflow', nearest: 'digest', line: 11 },
      "there is no workflow 'digets'. There are digest. Did you mean 'digest'?",
    ],
    [
      'a key that is not there',
      { workflow: 'digest', overlpa: 'queue', ...NIGHTLY },
      { path: 'triggers.it.overlpa', nearest: 'overlap', line: 12 },
      'overlap',
    ],
    [
      'an overlap policy that is not there',
      { workflow: 'digest', overlap: 'stack', ...NIGHTLY },
      { path: 'triggers.it.overlap' },
      'queue',
    ],
    ['no source', { workflow: 'digest' }, { path: 'triggers.it' }, "exactly one of 'schedule', 'file'"],
    [
      'two sources',
      { workflow: 'digest', ...NIGHTLY, resource: { uri: 'a:b' } },
      { path: 'triggers.it' },
      "exactly one of 'schedule', 'file'",
    ],
    [
      'a time zone that is not there',
      { workflow: 'digest', schedule: { cron: '0 3 * * *', timeZone: 'Europe/Berln' } },
      { path: 'triggers.it.schedule.timeZone', nearest: 'Europe/Berlin' },
      "there is no time zone 'Europe/Berln'. They are called like 'Europe/Berlin' or 'UTC'. Did you mean 'Europe/Berlin'?",
    ],
    [
      'no cron expression',
      { workflow: 'digest', schedule: { cron: '61 * * * *' } },
      { path: 'triggers.it.schedule.cron' },
      'it is no cron expression (Invalid value for minute: 61)',
    ],
    [
      'times that never come',
      { workflow: 'digest', schedule: { cron: '0 0 31 2 *' } },
      { path: 'triggers.it.schedule.cron' },
      "the times of '0 0 31 2 *' never come",
    ],
    [
      'a placeholder of nothing',
      { workflow: 'digest', input: { ask: ['{{evnt.id}}'] }, ...NIGHTLY },
      { path: 'triggers.it.input.ask[0]', nearest: 'event' },
      "there is no placeholder 'evnt' in {{evnt.id}}. There are data, event, events. Did you mean 'event'?",
    ],
    [
      'a field that no event has',
      { workflow: 'digest', input: 'At {{event.time}}', ...NIGHTLY },
      { path: 'triggers.it.input' },
      "there is no field of 'event' 'time' in {{event.time}}",
    ],
    [
      'a field that events of this source do not have',
      { workflow: 'digest', input: 'At {{data.scheduldAt}}', ...NIGHTLY },
      { path: 'triggers.it.input', nearest: 'scheduledAt' },
      "Did you mean 'scheduledAt'?",
    ],
    [
      'braces around what would be code',
      { workflow: 'digest', input: '{{ data.a + 1 }}', ...NIGHTLY },
      { path: 'triggers.it.input' },
      "'{{data.a + 1}}' is no placeholder",
    ],
    [
      'a bound that does not go with the overlap',
      { workflow: 'digest', maxParallel: 3, ...NIGHTLY },
      { path: 'triggers.it.maxParallel' },
      "it goes with the overlap 'parallel'",
    ],
  ])('%s', async (_, trigger, place, message) => {
    const error = await failureOf(load({ it: trigger }));
    expect(error.code).toBe('config-invalid');
    expect(error.message).toContain(message);
    expect((error.data as { problems: unknown[] }).problems).toContainEqual(expect.objectContaining(place));
  });

  test('a name that a trigger cannot have', async () => {
    const error = await failureOf(load({ 'every day': { workflow: 'digest', ...NIGHTLY } }));
    expect(error.message).toContain('a trigger cannot be called so');
  });
});

test('every source is read', async () => {
  const triggers = {
    nightly: { description: 'The news.', workflow: 'digest', input: { at: '{{event.at}}' }, ...NIGHTLY },
    changed: { workflow: 'digest', file: { paths: ['notes/**/*.md'] }, debounceMs: 500 },
    hook: {
      workflow: 'digest',
      webhook: { sender: 'github', secret: 'a-secret-of-some-length' },
      overlap: 'parallel',
      maxParallel: 2,
    },
    updated: { workflow: 'digest', resource: { uri: 'file:///a.md' }, overlap: 'replace' },
  };
  expect((await load(triggers)).triggers).toEqual(triggers);
});

test('a config of the working folder that starts runs by itself is used only after a yes', async () => {
  const written = { workflows, triggers: { nightly: { workflow: 'digest', ...NIGHTLY } } };
  folder.write('mcp.config.json', JSON.stringify(written));
  const error = await failureOf(folder.load());
  expect(error.code).toBe('config-untrusted');
  expect(error.message).toContain('nightly: starts runs of digest by itself (schedule "0 3 * * *")');
});

describe('where clocks are changed', () => {
  const times = (cron: string, timeZone: string, from: string, count: number): string[] => {
    const found: string[] = [];
    const { next } = cronTimes(cron, timeZone);
    for (let at = next(Date.parse(from)); at !== undefined && found.length < count; at = next(at))
      found.push(new Date(at).toISOString());
    return found;
  };

  test('a time in the hour that is left out comes once, right after it', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  test('a time in the hour that is there twice comes once', () => {
    expect(times('30 2,14 * * *', 'Europe/Berlin', '2026-10-24T13:00:00Z', 3)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T13:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  test('what comes every half hour follows the clock that runs on', () => {
    expect(times('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:50:00Z', 4)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
  });

  test.each([
    ['30 2 * * *', 'Europe/Berlin'],
    ['0 2-4 * * *', 'America/New_York'],
    ['*/20 * * * *', 'Australia/Lord_Howe'],
    ['0 0 * * *', 'America/Santiago'],
  ])('%s in %s: looking back finds the times that looking ahead finds', (cron, timeZone) => {
    const { next, last } = cronTimes(cron, timeZone);
    const end = Date.parse('2027-01-01T00:00:00Z');
    const ahead: number[] = [];
    let at = next(Date.parse('2026-01-01T00:00:00Z'));
    while (at !== undefined && at <= end) {
      ahead.push(at);
      at = next(at);
    }
    expect([...last(ahead.length, end)].reverse()).toEqual(ahead);
  });
});
