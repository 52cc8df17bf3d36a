/** Approvals of the command line: `run` at a terminal, by lines, and the command that shows what is remembered. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { callThenAnswer, linesOf } from '../fixtures/agent-tools.ts';
import { PROGRAM, switchyard } from '../fixtures/command-line.ts';
import { fixtureEntry } from '../fixtures/live-host.ts';
import { type ModelServer, startModelServer } from '../fixtures/model/model-server.ts';
import { type TemporaryFolder, temporaryFolder } from '../fixtures/temporary-folder.ts';
import { openProgram, type Terminal } from '../fixtures/terminal.ts';

let folder: TemporaryFolder;
let model: ModelServer;
let cwd: string;
let home: string;
let ledger: string;

const ORDER = callThenAnswer([['tools__order', { thing: 'tea' }]], 'That is that.');

beforeAll(async () => {
  folder = await temporaryFolder('cli-approvals');
  [cwd, home, ledger] = [join(folder.path, 'work'), join(folder.path, 'home'), join(folder.path, 'ledger')];
  await mkdir(cwd);
  model = await startModelServer({
    script: (request) => ORDER(request, request.toolResults.length === 0 ? 0 : 1),
  });
  const { command, args } = fixtureEntry({}, 'agent-tools') as { command: string; args: string[] };
  await writeFile(
    join(cwd, 'config.json'),
    JSON.stringify({
      mcpServers: { tools: { command, args: [...args, ledger] } },
      models: {
        default: { model: 'anthropic/scripted', baseUrl: model.url, apiKey: 'sk-test-0123456789abcdef' },
      },
      memory: { enabled: false },
    }),
  );
});

afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function run(): Terminal {
  const args = [PROGRAM, 'run', 'Order tea.', '--config', 'config.json'];
  return openProgram(process.execPath, args, { cwd, home, columns: 100, rows: 30 });
}

test('at a terminal a run asks by lines; e edits, and a remembers', async () => {
  await using editing = run();
  await editing.waitFor('e edit]');
  editing.type('e');
  editing.press('enter');
  // The arguments stand in the line, to be changed.
  await editing.waitFor('{"thing":"tea"}');
  editing.press('ctrl-u');
  editing.type('{"thing": "milk"}');
  editing.press('enter');
  expect((await editing.ended).exitCode).toBe(0);
  expect(linesOf(ledger)).toEqual(['order milk']);

  await using always = run();
  await always.waitFor('e edit]');
  always.type('a');
  always.press('enter');
  expect((await always.ended).exitCode).toBe(0);
  await using unasked = run();
  expect((await unasked.ended).exitCode).toBe(0);
  expect(unasked.text()).not.toContain('e edit]');
  expect(linesOf(ledger)).toEqual(['order milk', 'order tea', 'order tea']);

  const listed = await switchyard(['approvals', 'list', '--json'], { cwd, home });
  expect(JSON.parse(listed.stdout)).toMatchObject({
    calls: [],
    always: [{ scope: 'folder', folder: cwd, tool: 'tools__order' }],
  });
  const unknown = await switchyard(['approvals', 'forget', 'tools__ordr'], { cwd, home });
  expect(unknown).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Always allowed there: tools__order'),
  });
  const forgotten = await switchyard(['approvals', 'forget', 'tools__order'], { cwd, home });
  expect(forgotten).toMatchObject({ code: 0, stderr: expect.stringContaining('Asked about again') });
  expect((await switchyard(['approvals'], { cwd, home })).stderr).toContain('No tool is always allowed');
});

test('the input ends at the question: the call is denied, and the run goes on to its answer', async () => {
  const before = linesOf(ledger).length;
  await using terminal = run();
  await terminal.waitFor('e edit]');
  terminal.press('ctrl-d');
  await terminal.waitFor('That is that.');
  expect((await terminal.ended).exitCode).toBe(0);
  expect(linesOf(ledger)).toHaveLength(before);
});

test('the terminal is closed at the question: nothing runs, and the program ends', async () => {
  const before = linesOf(ledger).length;
  const requests = model.requests.length;
  const terminal = run();
  await terminal.waitFor('e edit]');
  await terminal[Symbol.asyncDispose]();
  expect(linesOf(ledger)).toHaveLength(before);
  expect(model.requests.length).toBeGreaterThan(requests);
});

test('Ctrl-C at the question stops the run', async () => {
  const before = linesOf(ledger).length;
  await using terminal = run();
  await terminal.waitFor('e edit]');
  terminal.press('ctrl-c');
  expect((await terminal.ended).exitCode).toBe(130);
  expect(linesOf(ledger)).toHaveLength(before);
});

test('--on-ask deny denies the call without a terminal, with the rule to set; --yes allows it', async () => {
  const before = linesOf(ledger).length;
  const args = ['run', 'Order tea.', '--on-ask', 'deny', '--config', 'config.json'];
  const denied = await switchyard(args, { cwd, home });
  expect(denied).toMatchObject({ code: 0, stdout: 'That is that.\n' });
  expect(denied.stderr).toContain('"approvals": [{"tool":"tools__order","decision":"allow"}]');
  expect(linesOf(ledger)).toHaveLength(before);
  const allowed = await switchyard(['run', 'Order tea.', '--yes', '--config', 'config.json'], { cwd, home });
  expect(allowed.code).toBe(0);
  expect(linesOf(ledger)).toHaveLength(before + 1);
});
