/** `switchyard runs …` over runs of real processes, one of which is killed in mid-run. */
import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { openState } from '../../src/host/state.ts';
import { linesOf } from '../fixtures/agent-tools.ts';
import { type CommandOptions, type Finished, switchyard } from '../fixtures/command-line.ts';
import { fixtureEntry } from '../fixtures/live-host.ts';
import { type ModelServer, startModelServer } from '../fixtures/model/model-server.ts';
import { untilStored } from '../fixtures/stored-step.ts';
import { type TemporaryFolder, temporaryFolder } from '../fixtures/temporary-folder.ts';

let folder: TemporaryFolder;
let model: ModelServer;
let cwd: string;
let home: string;
let ledger: string;
/** What the model asks for first. */
let tool: { name: string; arguments: Record<string, string> };
/** Called in place of an answer to a request that brings the result of a call. */
let onSecond: (() => void) | undefined;

const KEY = 'sk-test-0123456789abcdef0123456789abcdef';
const CONFIG = ['--config', 'config.json'];

beforeEach(async () => {
  folder = await temporaryFolder('runs-cli');
  const path = await realpath(folder.path);
  [cwd, home, ledger] = [join(path, 'the work'), join(path, 'home'), join(path, 'ledger')];
  await mkdir(cwd);
  onSecond = undefined;
  tool = { name: 'tools__order', arguments: { thing: 'tea' } };
  model = await startModelServer({
    script: ({ toolResults, model: name }) => {
      if (toolResults.length === 0) return { type: 'answer', toolCalls: [tool] };
      if (onSecond === undefined) return { type: 'answer', text: `Ordered, says ${name}.` };
      onSecond();
      return { type: 'silence' };
    },
  });
  const { command, args } = fixtureEntry({}, 'agent-tools') as { command: string; args: string[] };
  const candidate = { baseUrl: model.url, apiKey: KEY };
  await writeFile(
    join(cwd, 'config.json'),
    JSON.stringify({
      mcpServers: { tools: { command, args: [...args, ledger] } },
      models: {
        default: { ...candidate, model: 'anthropic/scripted' },
        other: { ...candidate, model: 'anthropic/another' },
      },
      memory: { enabled: false },
    }),
  );
});

afterEach(async () => {
  await model[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function call(args: readonly string[], options: Partial<CommandOptions> = {}): Promise<Finished> {
  return switchyard(args, { cwd, home, ...options });
}

function runs(...args: string[]): Promise<Finished> {
  return call(['runs', ...args]);
}

function ask(...args: string[]): Promise<Finished> {
  return call(['run', 'Order tea.', '--yes', ...CONFIG, ...args]);
}

/** A run that was killed while it waited for its second answer. */
async function killedRun(...args: string[]): Promise<Finished> {
  let kill = (): void => undefined;
  onSecond = () => void untilStored(home, 'call').then(() => kill());
  const killed = await call(['run', 'Order tea.', '--yes', ...CONFIG, ...args], {
    onStart: (signal) => {
      kill = () => signal('SIGKILL');
    },
  });
  onSecond = undefined;
  return killed;
}

type Listed = { id: string; shortId: string; status: string; resume?: string; pid?: number };

async function listed(...args: string[]): Promise<Listed[]> {
  return JSON.parse((await runs('list', '--json', ...args)).stdout) as Listed[];
}

async function onlyRun(): Promise<Listed> {
  const found = await listed();
  expect(found).toHaveLength(1);
  return found[0] as Listed;
}

/** The number of the last step of that name, as `show` prints it. */
async function stepNumber(id: string, what: string): Promise<string> {
  const { stdout } = await runs('show', id, '--json');
  const { timeline } = JSON.parse(stdout) as { timeline: { type: string; number: number; what: string }[] };
  return String(timeline.findLast((entry) => entry.type === 'step' && entry.what.startsWith(what))?.number);
}

test('a killed run is listed as interrupted, shown, gone on with to its answer, and replayed identical', async () => {
  expect(await killedRun()).toMatchObject({ signal: 'SIGKILL' });
  expect(linesOf(ledger)).toEqual(['order tea']);
  const requests = model.requests.length;

  const list = await runs();
  const { id, shortId, resume } = await onlyRun();
  expect(list.stdout).toMatch(new RegExp(`^${shortId} .* agent +interrupted +Order tea\\.$`, 'm'));
  expect(list.stderr).toContain(`switchyard runs resume ${id} --config '${join(cwd, 'config.json')}'`);
  expect(resume).toMatch(/^switchyard runs resume/);

  const shown = await runs('show', shortId);
  expect(shown.stdout).toMatch(/^state +interrupted$/m);
  expect(shown.stdout).toMatch(/^ *\d+ +\+.* asks for 1 call +turn-1 +model anthropic\/scripted$/m);
  expect(shown.stdout).toMatch(/^\d+ .* complete +turn-1\S* +call tools__order {"thing":"tea"}$/m);
  expect(shown.stdout).toContain('tools__order allowed by --yes');
  expect(await runs('show', id, '--json')).toMatchObject({
    code: 0,
    stdout: expect.not.stringContaining(KEY),
  });

  const resumed = await runs('resume', shortId, '--yes', ...CONFIG);
  expect(resumed).toMatchObject({ code: 0, stdout: 'Ordered, says scripted.\n' });
  // What had come before is neither asked nor done nor told again.
  expect(resumed.stderr).not.toContain('→ tools__order');
  expect(linesOf(ledger)).toEqual(['order tea']);
  expect(model.requests).toHaveLength(requests + 1);

  expect(await onlyRun()).toMatchObject({ id, status: 'done' });
  const replayed = await runs('replay', shortId, ...CONFIG);
  expect(replayed.stdout).toMatch(/^identical: \d+ steps\n$/);
  expect(replayed.code).toBe(0);
  expect(model.requests).toHaveLength(requests + 1);
  const again = await runs('resume', id, ...CONFIG);
  expect(again).toMatchObject({ code: 2 });
  expect(again.stderr).toContain(`switchyard runs fork ${id} --at <step>`);
});

test('a journal that the workflow no longer fits is told with its first difference', async () => {
  await ask();
  const { id } = await onlyRun();
  const at = await stepNumber(id, 'call');
  using state = openState(home);
  state.database.prepare("UPDATE journal SET name = 'call-of-old' WHERE number = ?").run(Number(at));
  const replayed = await runs('replay', id, ...CONFIG);
  expect(replayed).toMatchObject({ code: 1 });
  expect(replayed.stdout).toMatch(
    new RegExp(`^different at ${at}: turn-1\\S*, step \\d+\n  journaled  call-of-old\n  now        call\n$`),
  );
  const json = JSON.parse((await runs('replay', id, '--json', ...CONFIG)).stdout) as object;
  expect(json).toMatchObject({ type: 'different', step: Number(at), journaled: 'call-of-old', now: 'call' });
});

test('a call without an answer is counted in the list and marked among the steps', async () => {
  tool = { name: 'tools__die', arguments: {} };
  expect((await ask('--on-ask', 'deny')).code).toBe(0);
  expect((await runs()).stdout).toMatch(/ done +1 uncertain +Order tea\.$/m);
  const { shortId } = await onlyRun();
  const shown = await runs('show', shortId);
  expect(shown.stdout).toMatch(/^UNCERTAIN +1 call: nobody knows what came of it$/m);
  expect(shown.stdout).toMatch(/^\d+ .* UNCERTAIN \(.*\) +turn-1\S* +call tools__die {}$/m);
});

test('a fork goes on from a step with another model, and leaves the run as it is', async () => {
  await ask();
  const { id } = await onlyRun();
  const at = await stepNumber(id, 'call');
  const before = (await runs('show', id, '--json')).stdout;
  const forked = await runs('fork', id, '--at', at, '--model', 'other', '--yes', ...CONFIG);
  expect(forked).toMatchObject({ code: 0, stdout: 'Ordered, says another.\n' });
  expect(linesOf(ledger)).toEqual(['order tea']);
  expect((await runs('show', id, '--json')).stdout).toBe(before);
  const [fork] = await listed();
  expect(fork).toMatchObject({ status: 'done', forkedFrom: { runId: id, atRow: Number(at) } });
  expect((await runs('replay', fork?.id ?? '', ...CONFIG)).stdout).toMatch(/^identical/);

  const anew = await runs('fork', id, '--at', '0', '--input', 'Order coffee.', '--yes', ...CONFIG);
  expect(anew.code).toBe(0);
  expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('Order coffee.');
  expect(linesOf(ledger)).toEqual(['order tea', 'order tea']);
  const beyond = await runs('fork', id, '--at', '10000', ...CONFIG);
  expect(beyond).toMatchObject({ code: 2, stderr: expect.stringContaining('has no step 10000') });
});

test('a run of another process is listed with it, cannot be taken or deleted, and is cancelled from here', async () => {
  const reached = Promise.withResolvers<void>();
  onSecond = reached.resolve;
  const running = ask();
  await reached.promise;
  const { id, pid } = await onlyRun();
  expect((await runs()).stdout).toContain(`running (process ${pid})`);
  expect(await runs('resume', id, ...CONFIG)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`process ${pid}`),
  });
  const refused = await runs('delete', id, '--yes', ...CONFIG);
  expect(refused.stderr).toContain('nothing was deleted');
  expect(await runs('cancel', id)).toMatchObject({ code: 0, stderr: `Run ${id} is cancelled.\n` });
  expect(await running).toMatchObject({ code: 130, stdout: '' });
  expect(await onlyRun()).toMatchObject({ status: 'cancelled' });
  expect(await runs('cancel', id)).toMatchObject({ code: 2 });
});

test('an interrupted run of a session is cancelled without a host, and its session says so', async () => {
  await killedRun('--session', 'tea');
  const { id, shortId } = await onlyRun();
  expect(await runs('cancel', shortId)).toMatchObject({ code: 0 });
  expect(await onlyRun()).toMatchObject({ id, status: 'cancelled' });
  const session = JSON.parse((await call(['sessions', 'show', 'tea', '--json', ...CONFIG])).stdout) as object;
  expect(session).toMatchObject({ runs: [{ runId: id, outcome: 'cancelled' }] });
});

test('a deleted run leaves nothing: no row, no file, no session of which it was all', async () => {
  await ask('--session', 'tea');
  const { id } = await onlyRun();
  expect(await runs('delete', id, ...CONFIG)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Add --yes'),
  });
  const deleted = await runs('delete', id, '--yes', ...CONFIG);
  expect(deleted).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('1 run deleted. With them: session'),
  });
  expect(await listed()).toEqual([]);
  const files = await readdir(home, { recursive: true, withFileTypes: true });
  for (const found of files.filter((one) => one.isFile() && !one.parentPath.endsWith('logs'))) {
    const bytes = await readFile(join(found.parentPath, found.name), 'latin1');
    expect(bytes, found.name).not.toContain('Order tea.');
    expect(bytes, found.name).not.toContain(id);
  }
});

test('a run that is deleted leaves the rest of its session', async () => {
  await ask('--session', 'tea');
  await ask('--session', 'tea');
  const [, first] = await listed();
  const deleted = await runs('delete', first?.id ?? '', '--yes', '--json', ...CONFIG);
  expect(JSON.parse(deleted.stdout)).toEqual({ runs: [first?.id], sessions: [] });
  const session = await call(['sessions', 'show', 'tea', '--json', ...CONFIG]);
  expect((JSON.parse(session.stdout) as { runs: object[] }).runs).toHaveLength(1);
});

test('prune deletes what ended longer ago or makes it too much, and nothing that can go on', async () => {
  await ask();
  await killedRun();
  const [interrupted, done] = await listed();
  expect((await runs('prune', ...CONFIG)).stderr).toContain('--older-than 30d');
  expect((await runs('prune', '--older-than', '1x', ...CONFIG)).code).toBe(2);
  expect((await runs('prune', '--older-than', '1h', ...CONFIG)).stderr).toContain('0 runs deleted');
  const dry = await runs('prune', '--max-size', '1kB', '--dry-run', ...CONFIG);
  expect(dry.stdout).toContain(done?.shortId);
  expect(dry.stdout).not.toContain(interrupted?.shortId);
  expect(await listed()).toHaveLength(2);
  using state = openState(home);
  state.database.prepare('UPDATE runs SET updated_ms = updated_ms - 7200000').run();
  expect((await runs('prune', '--older-than', '1h', ...CONFIG)).stderr).toContain('1 run deleted');
  expect(await onlyRun()).toMatchObject({ id: interrupted?.id });
});

test('a run of another folder is gone on with there, and what is no run is told', async () => {
  await killedRun();
  const elsewhere = join(folder.path, 'elsewhere');
  await mkdir(elsewhere);
  const there = (...args: string[]) => call(['runs', ...args], { cwd: elsewhere });
  expect(await there()).toMatchObject({ stdout: '', stderr: expect.stringContaining('--all') });
  const all = await there('list', '--all');
  const { id } = await onlyRun();
  const command = `cd '${cwd}' && switchyard runs resume ${id}`;
  expect(all.stderr).toContain(command);
  expect(await there('resume', id)).toMatchObject({ code: 2, stderr: expect.stringContaining(command) });
  expect(await runs('resume', id, '--config', join(cwd, 'config.json'), '--yes')).toMatchObject({ code: 0 });

  for (const command of ['show', 'cancel'])
    expect(await runs(command, 'nothing')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no run "nothing"'),
    });
  expect(await runs('show', 'run_')).toMatchObject({ code: 0 });
});
