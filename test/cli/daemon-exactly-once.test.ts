/** Whatever dies when, and whoever tells an event how often: it has one run. */
import { createHmac } from 'node:crypto';

import { expect, test } from 'vitest';

import type { Json } from '../../src/json.ts';
import { triggerSettings } from '../../src/config/trigger-config.ts';
import { takeEvent } from '../../src/host/trigger/event-store.ts';
import { type Daemon, daemonFolder } from '../fixtures/daemon.ts';
import { allDone, PATIENCE, runsOf } from '../fixtures/daemon-runs.ts';

const NAP = { pause: { ms: 20 } };
const RESOURCE = { resource: { uri: 'test://nothing' } };

test('a webhook that is delivered three times, over a restart too, starts one run', {
  timeout: 120_000,
}, async () => {
  const secret = 'a-secret-of-some-length';
  const config = {
    workflows: { nap: NAP },
    webhooks: { port: 0 },
    triggers: { hook: { workflow: 'nap', input: '{{data.body.n}}', webhook: { sender: 'github', secret } } },
  };
  await using folder = await daemonFolder(config);
  const post = async (daemon: Daemon): Promise<Json> => {
    await expect.poll(daemon.output, PATIENCE).toMatch(/http:\/\/127\.0\.0\.1:\d+\/hooks\/hook/);
    const [url = ''] = /http:\/\/[\d.]+:\d+\/hooks\/hook/.exec(daemon.output()) ?? [];
    const body = JSON.stringify({ n: 7 });
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-delivery': 'one-and-the-same',
        'x-github-event': 'push',
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      },
    });
    return response.status;
  };
  const first = await folder.start();
  const statuses = await Promise.all([post(first), post(first)]);
  expect(statuses.every((status) => Number(status) < 300)).toBe(true);
  await allDone(folder, 1);
  await first.stop('SIGKILL');
  expect(Number(await post(await folder.start()))).toBeLessThan(300);
  expect(folder.events('hook')).toMatchObject([{ state: 'started' }]);
  expect(runsOf(folder)).toMatchObject([{ status: 'done', input: 7, starts: 1, ends: 1 }]);
});

test('whenever it is killed, each event has one run, which ends once', { timeout: 120_000 }, async () => {
  const count = 40;
  const trigger = {
    workflow: 'naps',
    input: '{{data.text}}',
    overlap: 'parallel',
    maxParallel: 3,
    maxRunsPerHour: 1_000,
    ...RESOURCE,
  } as const;
  const config = { workflows: { naps: { chain: [NAP, NAP, NAP] } }, triggers: { many: trigger } };
  await using folder = await daemonFolder(config);
  for (let n = 0; n < count; n += 1)
    takeEvent(
      folder.state,
      folder.place('many'),
      { id: `e${n}`, atMs: Date.now(), data: { text: n } },
      triggerSettings('many', trigger),
      Date.now(),
    );
  const started = (): number => folder.events('many').filter(({ state }) => state === 'started').length;
  for (const enough of [1, 10, 20]) {
    const daemon = await folder.start();
    await expect.poll(started, PATIENCE).toBeGreaterThanOrEqual(enough);
    await daemon.stop('SIGKILL');
  }
  expect(started()).toBeLessThan(count);
  await folder.start();
  await allDone(folder, count);
  const runs = runsOf(folder);
  expect(runs.map(({ input }) => Number(input)).sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
  expect(runs.filter(({ starts, ends }) => starts !== 1 || ends !== 1)).toEqual([]);
});

test('processes that work off the same events at once start one run for each', {
  timeout: 120_000,
}, async () => {
  const trigger = { workflow: 'nap', input: '{{event.id}}', overlap: 'parallel', ...RESOURCE } as const;
  await using folder = await daemonFolder({ workflows: { nap: NAP }, triggers: { it: trigger } });
  const ids = [...Array(16).keys()].map((n) => `e${n}`);
  for (const id of ids)
    takeEvent(
      folder.state,
      folder.place('it'),
      { id, atMs: Date.now(), data: {} },
      triggerSettings('it', trigger),
      Date.now(),
    );
  const fire = (id: string) => folder.command('triggers', 'fire', 'it', '--event-id', id);
  // Of those that tell the same event one takes it.
  const fired = await Promise.all(['same', 'same', 'other'].map(fire));
  expect(fired.map(({ code }) => code)).toEqual([0, 0, 0]);
  await folder.start();
  await allDone(folder, ids.length + 2);
  const runs = runsOf(folder);
  expect(runs).toHaveLength(ids.length + 2);
  expect(new Set(runs.map(({ input }) => input))).toEqual(new Set([...ids, 'other', 'same']));
  expect(runs.filter(({ starts, ends }) => starts !== 1 || ends !== 1)).toEqual([]);
});
