/** The daemon as a process: what it makes of a time that it missed, who else may run, how it is paused, and how it ends. */
import { expect, test } from 'vitest';

import { RunStore } from '../../src/host/engine/durable/run-store.ts';
import { scheduleProgress, setScheduleProgress } from '../../src/host/trigger/trigger-state.ts';
import { daemonFolder } from '../fixtures/daemon.ts';
import { allDone, PATIENCE, runsOf } from '../fixtures/daemon-runs.ts';

const HOUR = 3_600_000;
/** Comes half an hour from now, and never while a test runs. */
const HOURLY = `${new Date(Date.now() + HOUR / 2).getUTCMinutes()} * * * *`;
const NAP = { pause: { ms: 20 } };
const RESOURCE = { resource: { uri: 'test://nothing' } };

test('a time that was missed follows its policy after a restart', { timeout: 120_000 }, async () => {
  const hourly = (missed: string) => ({
    workflow: 'nap',
    schedule: { cron: HOURLY, timeZone: 'UTC', missed },
  });
  const triggers = { skips: hourly('skip'), last: hourly('last'), all: hourly('all') };
  await using folder = await daemonFolder({ workflows: { nap: NAP }, triggers });
  const first = await folder.start();
  const known = () => Object.keys(triggers).map((name) => scheduleProgress(folder.state, folder.place(name)));
  await expect.poll(() => known().every((progress) => progress !== undefined), PATIENCE).toBe(true);
  await first.stop('SIGKILL');
  expect(runsOf(folder)).toEqual([]);
  // As it is after three and a half hours without a daemon.
  for (const [index, name] of Object.keys(triggers).entries())
    setScheduleProgress(folder.state, folder.place(name), {
      schedule: known()[index]?.schedule ?? '',
      dealtWithMs: Date.now() - 3 * HOUR,
    });
  const second = await folder.start();
  await allDone(folder, 4);
  expect(folder.events('skips')).toMatchObject([{ state: 'skipped' }]);
  expect(folder.events('last')).toMatchObject([{ state: 'started' }]);
  expect(folder.events('all')).toMatchObject([
    { state: 'started' },
    { state: 'started' },
    { state: 'started' },
  ]);
  // Another restart finds nothing that was missed.
  await second.stop();
  await folder.start();
  await expect.poll(() => known()[0]?.dealtWithMs ?? 0, PATIENCE).toBeGreaterThan(Date.now() - 60_000);
  expect(runsOf(folder)).toHaveLength(4);
});

test('one works on a config; it ends with 0 when it is asked to, and what is under way goes on with the next', {
  timeout: 120_000,
}, async () => {
  const config = {
    workflows: { wait: { chain: [NAP, { waitFor: { signal: 'go' } }] } },
    triggers: { it: { workflow: 'wait', ...RESOURCE } },
  };
  await using folder = await daemonFolder(config);
  const first = await folder.start();
  const second = await folder.command('daemon');
  expect(second.code).toBe(2);
  expect(second.stderr).toContain(`Process ${first.pid} works on the triggers of ${folder.file} already`);

  const fired = await folder.command('triggers', 'fire', 'it', '--json');
  expect(fired.code).toBe(0);
  const { runId } = JSON.parse(fired.stdout) as { runId: string };
  await expect.poll(() => runsOf(folder)[0]?.status, PATIENCE).toBe('waiting');
  const listed = await folder.command('triggers', 'list', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({
    daemon: { pid: first.pid },
    triggers: [{ name: 'it', kind: 'resource', waiting: 0, lastRun: { id: runId, status: 'waiting' } }],
  });
  expect(await first.stop('SIGTERM')).toBe(0);

  await folder.start();
  new RunStore(folder.state, folder.home).signal(runId, 'go', '"gone"');
  await allDone(folder, 1);
  expect((await folder.command('triggers', 'events', 'it')).stdout).toMatch(/started {2}[0-9a-f]{8}\n$/);
});

test('a pause outlives the daemon: events are skipped, and firing says how to go on', {
  timeout: 120_000,
}, async () => {
  const config = { workflows: { nap: NAP }, triggers: { it: { workflow: 'nap', ...RESOURCE } } };
  await using folder = await daemonFolder(config);
  expect((await folder.command('triggers', 'pause', 'itt')).stderr).toContain("Did you mean 'it'?");
  expect((await folder.command('triggers', 'pause', 'it')).code).toBe(0);
  await folder.start();
  const refused = await folder.command('triggers', 'fire', 'it');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('switchyard triggers resume it');
  expect(folder.events('it')).toMatchObject([{ state: 'skipped', reason: 'the trigger is paused' }]);
  expect((await folder.command('triggers', 'resume', 'it')).code).toBe(0);
  expect((await folder.command('triggers', 'fire', 'it')).code).toBe(0);
  await allDone(folder, 1);
});
