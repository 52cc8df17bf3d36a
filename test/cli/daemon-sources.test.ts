/** What happens outside, as runs of the daemon as a process: each occurrence once, also what nobody saw happen. */
import { createHmac } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import { jsonText } from '../../src/json.ts';
import { type Daemon, daemonFolder } from '../fixtures/daemon.ts';
import { allDone, PATIENCE, runsOf } from '../fixtures/daemon-runs.ts';

const NAP = { pause: { ms: 20 } };
const LONG = { timeout: 120_000 };
const SECRET = 'a-secret-of-some-length';

test(
  'files that come, change and go in bursts, with a daemon that is killed meanwhile, start one run each',
  LONG,
  async () => {
    const config = {
      workflows: { naps: { chain: [NAP, NAP] } },
      triggers: {
        files: {
          workflow: 'naps',
          input: '{{data.change}} {{data.path}}',
          overlap: 'parallel',
          maxParallel: 8,
          maxQueued: 1_000,
          maxRunsPerHour: 10_000,
          file: { paths: ['inbox/**/*.txt'], on: ['added', 'changed', 'removed'], settleMs: 50 },
        },
      },
    };
    await using folder = await daemonFolder(config);
    const inbox = join(dirname(folder.file), 'inbox');
    await mkdir(inbox);
    await writeFile(join(inbox, 'old.txt'), 'was there before');
    const write = (name: string, text: string) => writeFile(join(inbox, `${name}.txt`), text);
    const names = (prefix: string) => Array.from({ length: 20 }, (_, count) => `${prefix}${count}`);
    const events = (): number => folder.events('files').length;

    const first = await folder.start();
    for (const name of names('a')) await write(name, name);
    await expect.poll(events, PATIENCE).toBeGreaterThan(0);
    await first.stop('SIGKILL');
    // Nobody is there.
    for (const name of names('b')) await write(name, name);
    await write('old', 'something else');
    const second = await folder.start();
    await expect.poll(events, PATIENCE).toBeGreaterThan(20);
    await second.stop('SIGKILL');
    await rename(join(inbox, 'a0.txt'), join(inbox, 'moved.txt'));
    await rm(join(inbox, 'b0.txt'));
    const third = await folder.start();
    await write('last', 'last');
    // Of one that came and went while nobody looked it may be that nothing was ever seen.
    const others = () => inputs(folder).filter((input) => !/ inbox\/(?:a0|b0)\.txt$/.test(input));
    const expected = [...names('a'), ...names('b'), 'moved', 'last']
      .filter((name) => name !== 'a0' && name !== 'b0')
      .map((name) => `added inbox/${name}.txt`);
    await expect.poll(others, PATIENCE).toEqual([...expected, 'changed inbox/old.txt'].sort());
    await expect.poll(() => runsOf(folder).every(({ status }) => status === 'done'), PATIENCE).toBe(true);
    const all = inputs(folder);
    expect(new Set(all).size).toBe(all.length);
    expect(runsOf(folder).filter(({ starts, ends }) => starts !== 1 || ends !== 1)).toEqual([]);
    expect(await third.stop()).toBe(0);
    // Another start finds nothing.
    const fourth = await folder.start();
    await write('very-last', 'last');
    await expect.poll(() => inputs(folder), PATIENCE).toContain('added inbox/very-last.txt');
    expect(inputs(folder)).toHaveLength(all.length + 1);
    expect(await fourth.stop()).toBe(0);
  },
);

test(
  'a resource that changes while the daemon runs, and while it is dead, starts a run for each',
  LONG,
  async () => {
    const server = join(import.meta.dirname, '../fixtures/mcp/noted.ts');
    await using folder = await daemonFolder({});
    const note = join(dirname(folder.file), 'note.txt');
    await writeFile(note, 'one');
    await folder.write({
      mcpServers: { notes: { command: process.execPath, args: ['--no-warnings', server, note] } },
      workflows: { nap: NAP },
      triggers: { note: { workflow: 'nap', input: '{{data.text}}', resource: { uri: 'note://one' } } },
    });
    const first = await folder.start();
    await writeFile(note, 'two');
    await allDone(folder, 1);
    await first.stop('SIGKILL');
    await writeFile(note, 'three');
    const second = await folder.start();
    await allDone(folder, 2);
    await writeFile(note, 'two');
    await allDone(folder, 3);
    expect(inputs(folder)).toEqual(['three', 'two', 'two']);
    expect(await second.stop()).toBe(0);
  },
);

test(
  'nothing of a secret or a signature is written, and what strangers send starts nothing',
  LONG,
  async () => {
    const config = {
      workflows: { nap: NAP },
      webhooks: { port: 0 },
      triggers: {
        hook: { workflow: 'nap', input: '{{data}}', webhook: { sender: 'github', secret: SECRET } },
        local: { workflow: 'nap', input: '{{data.body}}', webhook: { unsigned: true } },
      },
    };
    await using folder = await daemonFolder(config);
    const daemon = await folder.start();
    const body = JSON.stringify({ n: 1, said: `The secret is ${SECRET}.` });
    const signature = createHmac('sha256', SECRET).update(body).digest('hex');
    const send = async (hook: string, headers: Readonly<Record<string, string>>): Promise<number> => {
      const url = new URL(`/hooks/${hook}`, await addressOf(daemon));
      const all = { 'content-type': 'application/json', ...headers };
      return (await fetch(url, { method: 'POST', body, headers: all })).status;
    };
    const refused = [
      await send('hook', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }),
      await send('hook', {}),
      await send('local', { origin: 'https://example.com' }),
      await send('local', { 'x-forwarded-for': '203.0.113.9' }),
      await send('nobody', {}),
    ];
    expect(refused).toEqual([401, 401, 403, 403, 404]);
    const accepted = { 'x-hub-signature-256': `sha256=${signature}`, 'x-github-delivery': 'd-1' };
    expect([await send('hook', accepted), await send('local', {})]).toEqual([202, 202]);
    await allDone(folder, 2);
    const shown = await folder.command('triggers', 'events', 'hook', '--json');
    const written = [daemon.output(), shown.stdout, JSON.stringify(runsOf(folder))].join('\n');
    expect(written).not.toContain(SECRET);
    expect(written).not.toContain(signature);
    expect(await daemon.stop()).toBe(0);
  },
);

async function addressOf(daemon: Daemon): Promise<string> {
  await expect.poll(daemon.output, PATIENCE).toMatch(/http:\/\/127\.0\.0\.1:\d+\/hooks\//);
  return /http:\/\/127\.0\.0\.1:\d+/.exec(daemon.output())?.[0] ?? '';
}

function inputs(folder: Parameters<typeof runsOf>[0]): readonly string[] {
  return runsOf(folder)
    .map(({ input }) => jsonText(input))
    .sort();
}
