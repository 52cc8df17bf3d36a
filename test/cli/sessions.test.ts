import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { switchyard } from '../fixtures/command-line.ts';
import { startModelServer } from '../fixtures/model/model-server.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const KEY = 'sk-test-0123456789abcdef0123456789abcdef';

async function openWorld() {
  const folder = await temporaryFolder('sessions-cli');
  const model = await startModelServer({ script: (_, n) => ({ type: 'answer', text: `Answer ${n + 1}.` }) });
  const cwd = join(folder.path, 'project');
  const home = join(folder.path, 'home');
  await mkdir(cwd);
  const config = join(folder.path, 'config.json');
  const candidate = { model: 'anthropic/scripted', baseUrl: model.url, apiKey: KEY };
  await writeFile(config, JSON.stringify({ mcpServers: {}, models: { default: candidate } }));
  return {
    cwd,
    home,
    model,
    call: (args: readonly string[], input?: string) =>
      switchyard([...args, '--config', config], { cwd, home, ...(input === undefined ? {} : { input }) }),
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('a named session is begun, continued, listed, shown, exported, renamed and deleted', async () => {
  await using world = await openWorld();
  const first = await world.call(['run', '--session', 'the trip', 'I fly to Oslo.']);
  expect(first).toMatchObject({ code: 0, stdout: 'Answer 1.\n' });
  expect(first.stderr).toMatch(/A new session "the trip" \([2-9a-z]{8}\)/);
  const second = await world.call(['run', '--session', 'the trip', 'Where do I fly?']);
  expect(second.code).toBe(0);
  expect(JSON.stringify(world.model.requests[1]?.body)).toContain('I fly to Oslo.');

  const list = await world.call(['sessions', '--json']);
  const [session] = JSON.parse(list.stdout) as {
    id: string;
    name: string;
    runCount: number;
    title: string;
  }[];
  expect(session).toMatchObject({ name: 'the trip', runCount: 2, title: 'I fly to Oslo.' });
  const id = session?.id ?? '';

  const shown = await world.call(['sessions', 'show', id.slice(0, 6)]);
  expect(shown.stdout).toMatch(/# the trip.*\*\*You:\*\* I fly to Oslo\..*Answer 1\..*Answer 2\./s);

  const file = join(world.cwd, 'trip.json');
  expect(
    (await world.call(['sessions', 'export', id, '--format', 'json', '--output', 'trip.json'])).code,
  ).toBe(0);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    id,
    runs: [{ outcome: 'done' }, { outcome: 'done' }],
  });
  const again = await world.call(['sessions', 'export', id, '--output', 'trip.json']);
  expect(again).toMatchObject({ code: 2 });
  expect(again.stderr).toMatch(/there already; --force replaces it/);

  expect((await world.call(['sessions', 'rename', id, 'to oslo'])).code).toBe(0);
  const unasked = await world.call(['sessions', 'delete', 'to oslo']);
  expect(unasked).toMatchObject({ code: 2 });
  expect(unasked.stderr).toContain('Add --yes');
  const typed = join(world.home, 'chat-history.jsonl');
  await writeFile(typed, '"I fly to Oslo."\n"Something else."\n');
  expect((await world.call(['sessions', 'delete', 'to oslo', '--yes'])).code).toBe(0);
  expect(await readFile(typed, 'utf8')).toBe('"Something else."\n');
  const files = await readdir(world.home, { recursive: true, withFileTypes: true });
  for (const found of files.filter((one) => one.isFile() && !one.parentPath.endsWith('logs')))
    expect(await readFile(join(found.parentPath, found.name), 'latin1'), found.name).not.toContain('Oslo');
  expect((await world.call(['sessions', '--json'])).stdout).toBe('[]\n');
});

test('what is no session is told with what to do, and a mistyped id begins none', async () => {
  await using world = await openWorld();
  const shown = await world.call(['sessions', 'show', 'nothing here']);
  expect(shown).toMatchObject({ code: 2 });
  expect(shown.stderr).toMatch(/no session "nothing here".*sessions --all/);
  const run = await world.call(['run', '--session', '3kf9x2ab', 'Hello.']);
  expect(run).toMatchObject({ code: 2 });
  expect(world.model.requests).toHaveLength(0);
});
