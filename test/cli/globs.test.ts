/** Globs over names of tools that fit none: told as early as the catalog is known, and never of what is only not there yet. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { JsonObject } from '../../src/json.ts';
import { type Finished, switchyard } from '../fixtures/command-line.ts';
import { fixtureEntry } from '../fixtures/live-host.ts';
import { type ModelServer, startModelServer } from '../fixtures/model/model-server.ts';
import { type TemporaryFolder, temporaryFolder } from '../fixtures/temporary-folder.ts';

let folder: TemporaryFolder;
let model: ModelServer;
beforeEach(async () => {
  folder = await temporaryFolder('globs');
  model = await startModelServer({ script: () => ({ type: 'answer', text: 'fine' }) });
});
afterEach(async () => {
  await model[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const program = (...args: readonly string[]): Promise<Finished> =>
  switchyard([...args, '--config', 'config.json'], { cwd: folder.path, home: folder.path });

async function write(tools: readonly string[], mcpServers: JsonObject): Promise<void> {
  const models = { default: { model: 'anthropic/scripted', baseUrl: model.url, apiKey: 'none' } };
  const workflows = { add: { chain: [{ agent: { tools } }] } };
  await writeFile(
    join(folder.path, 'config.json'),
    JSON.stringify({ models, mcpServers, workflows }, null, 1),
  );
}

const UNFIT = 'No tool fits "all__ad". The nearest is all__add. The agent works without it.';

test('one that fits nothing is told with its line and the nearest name, by check, doctor and every start', async () => {
  await write(['all__add', 'all__a*', 'all__ad'], { all: fixtureEntry() });
  // Nothing is known of the server before it was up.
  const unknown = await program('config', 'check');
  expect(unknown).toMatchObject({ code: 0 });
  expect(unknown.stderr).not.toContain('No tool fits');
  expect((await program('tools')).code).toBe(0);

  const check = await program('config', 'check');
  expect(check).toMatchObject({ code: 0 });
  expect(check.stderr).toMatch(new RegExp(`config\\.json:\\d+: ${UNFIT.replaceAll('.', '\\.')}\n$`));
  const line = Number(/config\.json:(\d+)/.exec(check.stderr)?.[1]);
  expect(line).toBeGreaterThan(15);
  const json = JSON.parse((await program('config', 'check', '--json')).stdout) as { notices: JsonObject[] };
  expect(json.notices).toMatchObject([{ line, message: UNFIT }]);
  expect((await program('doctor')).stdout).toContain(
    `workflows: ${join(folder.path, 'config.json')}:${line}: ${UNFIT}`,
  );

  const run = await program('run', '--workflow', 'add', 'one');
  expect(run).toMatchObject({ code: 0, stdout: 'fine\n' });
  expect(run.stderr).toContain('No tool fits "all__ad". The nearest is all__add.');
});

test('at first use it is told by the run, once for all its parts', async () => {
  await write(['all__ad'], { all: fixtureEntry() });
  const workflows = { add: { map: { each: { agent: { tools: ['all__ad'] } }, concurrency: 2 } } };
  const models = { default: { model: 'anthropic/scripted', baseUrl: model.url, apiKey: 'none' } };
  const mcpServers = { all: fixtureEntry() };
  await writeFile(join(folder.path, 'config.json'), JSON.stringify({ models, mcpServers, workflows }));
  const run = await program('run', '--workflow', 'add', '--input-json', '["a", "b", "c"]');
  expect(run.code).toBe(0);
  expect(run.stderr.match(/No tool fits/g)).toHaveLength(1);
});

test('a server that is down and has never been up is no reason, one that is turned off or unknown is', async () => {
  const down = { command: process.execPath, args: ['-e', 'process.exit(1)'] };
  await write(['down__*', '*search', 'off__*', 'dwn__x'], {
    down,
    all: fixtureEntry(),
    off: fixtureEntry({ disabled: true }),
  });
  await program('tools');
  const { stderr } = await program('config', 'check');
  expect(stderr).not.toMatch(/"down__\*"|"\*search"/);
  expect(stderr).toContain('No tool fits "off__*"');
  expect(stderr).toContain('No tool fits "dwn__x"');
});
