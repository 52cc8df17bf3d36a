/** A run asks in one process and is answered in another: the call is made exactly once, whatever happened in between. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { approvalOf, type ApprovalState, keptApprovals } from '../../src/host/approval/kept-approval.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { RunOutcome } from '../../src/host/engine/engine.ts';
import { createHost } from '../../src/host/host.ts';
import { openState } from '../../src/host/state.ts';
import { callThenAnswer, linesOf } from '../fixtures/agent-tools.ts';
import { type Finished, PROGRAM, switchyard } from '../fixtures/command-line.ts';
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
const CONFIG = ['--config', 'config.json'];

beforeEach(async () => {
  folder = await temporaryFolder('durable-approval');
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

afterEach(async () => {
  await model[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function run(...more: string[]): Promise<Finished> {
  return switchyard(['run', 'Order tea.', ...CONFIG, ...more], { cwd, home });
}

function atTerminal(): Terminal {
  const args = [PROGRAM, 'run', 'Order tea.', ...CONFIG];
  return openProgram(process.execPath, args, { cwd, home, columns: 100, rows: 30 });
}

function approvals(...args: string[]): Promise<Finished> {
  return switchyard(['approvals', ...args], { cwd, home });
}

/** What was asked, the newest first. */
function asked(): { readonly id: string; readonly state: ApprovalState }[] {
  using state = openState(home);
  return keptApprovals(state, { ended: true }).map(({ id, state: now }) => ({ id, state: now }));
}

function onlyId(): string {
  const [only] = asked();
  expect(asked()).toHaveLength(1);
  return only?.id ?? '';
}

/** Goes on with the run of an approval in a host of this process. */
async function resume(approval: string): Promise<RunOutcome> {
  const config = await loadConfig({
    workingFolder: cwd,
    homeFolder: home,
    userFolder: home,
    env: {},
    configFile: join(cwd, 'config.json'),
  });
  const options = { config, homeFolder: home, workingFolder: cwd, env: {}, log: () => undefined };
  await using host = await createHost({ ...options, onAsk: 'wait' });
  using state = openState(home);
  const handle = await host.resume(approvalOf(state, approval)?.runId ?? '');
  return await handle.result;
}

test('without a terminal a run is left with exit code 4; approve goes on with it to its answer', async () => {
  const left = await run();
  expect(left).toMatchObject({ code: 4, stdout: '' });
  const id = onlyId();
  expect(left.stderr).toContain(`switchyard approvals show|approve|deny ${id}`);
  expect(left.stderr).toContain('switchyard runs resume run_');
  expect(linesOf(ledger)).toEqual([]);
  const requests = model.requests.length;

  const approved = await approvals('approve', id.slice(0, 4), ...CONFIG);
  expect(approved).toMatchObject({ code: 0, stdout: 'That is that.\n' });
  expect(linesOf(ledger)).toEqual(['order tea']);
  // The turn that asked for the call is not paid for again.
  expect(model.requests).toHaveLength(requests + 1);
  expect(asked()).toEqual([{ id, state: 'used' }]);
  expect(await approvals('approve', id, ...CONFIG)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has run'),
  });
  expect(linesOf(ledger)).toEqual(['order tea']);
});

test('asked at a terminal that is killed, answered at another: the call is made once', async () => {
  await using killed = atTerminal();
  await killed.waitFor('e edit]');
  const id = onlyId();
  killed.signal('SIGKILL');
  await killed.ended;
  expect(linesOf(ledger)).toEqual([]);
  const approved = await approvals('approve', id, ...CONFIG);
  expect(approved).toMatchObject({ code: 0, stdout: 'That is that.\n' });
  expect(linesOf(ledger)).toEqual(['order tea']);
  expect(asked()).toEqual([{ id, state: 'used' }]);
});

test('answered elsewhere while it is asked, the question goes away and the run goes on where it is', async () => {
  await using asking = atTerminal();
  await asking.waitFor('e edit]');
  const approved = await approvals('approve', onlyId(), ...CONFIG);
  expect(approved).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringMatching(/goes on there|went on/),
  });
  await asking.waitFor('That is that.');
  expect((await asking.ended).exitCode).toBe(0);
  expect(linesOf(ledger)).toEqual(['order tea']);
});

test('deny tells the model why, and the run goes on to its answer', async () => {
  expect((await run()).code).toBe(4);
  const denied = await approvals('deny', onlyId(), '--reason', 'we have coffee', ...CONFIG);
  expect(denied).toMatchObject({ code: 0, stdout: 'That is that.\n' });
  expect(model.requests.at(-1)?.toolResults[0]?.text).toContain('the person said no: we have coffee');
  expect(linesOf(ledger)).toEqual([]);
});

test.each([
  ['for other arguments', "UPDATE approvals SET arguments_hash = 'of others', approved_hash = 'of others'"],
  ['that has expired', 'UPDATE approvals SET expires_ms = 1'],
  ['that was used already', "UPDATE approvals SET state = 'used', used_by = 'another run'"],
])('an approval %s makes no call: the model is told, and goes on', async (_, change) => {
  expect((await run()).code).toBe(4);
  const id = onlyId();
  expect(await approvals('approve', id, '--no-resume', ...CONFIG)).toMatchObject({ code: 0, stdout: '' });
  {
    using state = openState(home);
    state.database.exec(change);
  }
  expect(await resume(id)).toMatchObject({ type: 'done' });
  expect(model.requests.at(-1)?.toolResults[0]?.text).toContain('was not run');
  expect(linesOf(ledger)).toEqual([]);
});
