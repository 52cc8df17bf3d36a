/** `run --workflow` in a real terminal: a tree on stderr, and the answer alone on stdout. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { PROGRAM, switchyard } from '../fixtures/command-line.ts';
import {
  type ModelServer,
  type ModelServerOptions,
  startModelServer,
} from '../fixtures/model/model-server.ts';
import { type TemporaryFolder, temporaryFolder } from '../fixtures/temporary-folder.ts';
import { openProgram, type Terminal, type TerminalOptions } from '../fixtures/terminal.ts';

let folder: TemporaryFolder;
let model: ModelServer;
let script: ModelServerOptions['script'];
let terminal: Terminal | undefined;

beforeEach(async () => {
  folder = await temporaryFolder('live-tree');
  model = await startModelServer({ script: (request, n) => script(request, n) });
  const workflows = {
    sides: {
      parallel: {
        parts: {
          pro: { agent: { instructions: 'PRO', tools: [] } },
          con: { agent: { instructions: 'CON', tools: ['ledger__*'] } },
        },
      },
    },
    each: { map: { each: { name: 'item', agent: { tools: [] } }, concurrency: 4 } },
  };
  const models = { default: { model: 'anthropic/scripted', baseUrl: model.url, apiKey: 'none' } };
  const ledger = join(folder.path, 'ledger');
  const mcpServers = {
    ledger: {
      command: process.execPath,
      args: [join(import.meta.dirname, '../fixtures/mcp/agent-tools.ts'), ledger],
    },
  };
  await writeFile(
    join(folder.path, 'config.json'),
    JSON.stringify({ models, workflows, mcpServers, budget: { maxTurns: 1_000 } }),
  );
});

afterEach(async () => {
  await terminal?.[Symbol.asyncDispose]();
  terminal = undefined;
  await model[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function open(args: string, options: Partial<TerminalOptions> = {}): Terminal {
  const command = `exec '${process.execPath}' '${PROGRAM}' run --config config.json ${args} >answer`;
  terminal = openProgram('/bin/sh', ['-c', command], {
    cwd: folder.path,
    home: folder.path,
    columns: 80,
    rows: 24,
    ...options,
  });
  return terminal;
}

const answer = (): Promise<string> => readFile(join(folder.path, 'answer'), 'utf8');

test('branches come and end where they stand, and stdout is the answer', async () => {
  const stuck = Promise.withResolvers<void>();
  script = async ({ system }) => {
    if (system.startsWith('CON')) await stuck.promise;
    return { type: 'answer', text: 'fine' };
  };
  const shown = open('--workflow sides "Is it?"');
  await shown.waitFor(/○ sides.*\n {2}✓ pro {2}\(agent\).*\n {2}○ con {2}\(agent\) anthropic\/scripted/);
  expect(await answer()).toBe('');
  stuck.resolve();
  const last = await shown.waitFor(/✓ sides.*\n {2}✓ pro.*\n {2}✓ con/);
  expect((await shown.ended).exitCode).toBe(0);
  expect(JSON.parse(await answer())).toEqual({ pro: 'fine', con: 'fine' });
  // One tree, however often it was drawn.
  expect(last.match(/sides/g)).toHaveLength(1);
  expect(shown.text().match(/sides/g)).toHaveLength(1);
});

test('hundreds of branches take a bounded number of lines, also when the terminal changes its size', async () => {
  const stuck = Promise.withResolvers<void>();
  script = async ({ userText }) => {
    if (userText === '301') await stuck.promise;
    return { type: 'answer', text: 'fine' };
  };
  const items = JSON.stringify(Array.from({ length: 400 }, (_, index) => String(index + 1)));
  const shown = open(`--workflow each --input-json '${items}'`, { rows: 12 });
  await shown.waitFor(/○ 301:item/, 60_000);
  shown.resize(46, 12);
  const narrow = await shown.waitFor(
    (screen) => /○ 301:item/.test(screen) && /\d+ done/.test(screen),
    60_000,
  );
  expect(narrow.split('\n').length).toBeLessThanOrEqual(12);
  stuck.resolve();
  await shown.waitFor(/✓ each[\s\S]*… 39\d done/, 60_000);
  expect((await shown.ended).exitCode).toBe(0);
  // A frame that was on its way as the terminal changed its size may be left above.
  expect(shown.text().match(/ each/g)?.length).toBeLessThanOrEqual(2);
});

test('a question stands alone until it is answered', async () => {
  script = ({ system, toolResults }) =>
    system.startsWith('CON') && toolResults.length === 0
      ? { type: 'answer', toolCalls: [{ name: 'ledger__order', arguments: { thing: 'tea' } }] }
      : { type: 'answer', text: 'fine' };
  const shown = open('--workflow sides "Is it?"');
  const asked = await shown.waitFor(/Allow ledger__order[\s\S]*\n[^\n]*\S$/);
  expect(asked.split('\n').at(-1)).not.toMatch(/con|sides/);
  shown.type('y\r');
  await shown.waitFor(/✓ sides.*\n {2}✓ pro.*\n {2}✓ con/);
  expect((await shown.ended).exitCode).toBe(0);
});

test('Ctrl-C ends it with the branches as they were left, and NO_COLOR has no colours', async () => {
  const stuck = Promise.withResolvers<void>();
  script = async ({ system }) => {
    if (system.startsWith('CON')) await stuck.promise;
    return { type: 'answer', text: 'fine' };
  };
  const shown = open('--workflow sides "Is it?"', { env: { NO_COLOR: '1' } });
  await shown.waitFor(/✓ pro.*\n {2}○ con/);
  shown.press('ctrl-c');
  await shown.waitFor(/– sides.*\n {2}✓ pro.*\n {2}– con/);
  stuck.resolve();
  expect((await shown.ended).exitCode).toBe(130);
  expect(await answer()).toBe('');
  for (const colour of [31, 33, 36]) expect(shown.raw).not.toContain(`\u001B[${colour}m`);
});

test('without a terminal, and on one that cannot move its cursor, it is lines', async () => {
  script = () => ({ type: 'answer', text: 'fine' });
  const [cwd, home] = [folder.path, folder.path];
  const piped = await switchyard(['run', '--config', 'config.json', '--workflow', 'sides', 'Is it?'], {
    cwd,
    home,
  });
  expect(piped.stderr).toMatch(/^▸ pro \(agent\)$/m);
  expect(piped.stderr).not.toContain('\u001B');
  const shown = open('--workflow sides "Is it?"', { env: { TERM: 'dumb' } });
  await shown.waitFor(/▸ con \(agent\)[\s\S]*✓ con done/);
  expect((await shown.ended).exitCode).toBe(0);
});
