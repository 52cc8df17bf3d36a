/** `switchyard call` without a terminal: the question is kept, and the same call runs once when a person allowed it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { openState } from '../../src/host/state.ts';
import { linesOf } from '../fixtures/agent-tools.ts';
import { type Finished, switchyard } from '../fixtures/command-line.ts';
import { fixtureEntry } from '../fixtures/live-host.ts';
import { type TemporaryFolder, temporaryFolder } from '../fixtures/temporary-folder.ts';

let folder: TemporaryFolder;
let cwd: string;
let home: string;
let ledger: string;

beforeEach(async () => {
  folder = await temporaryFolder('direct-approval');
  [cwd, home, ledger] = [join(folder.path, 'work'), join(folder.path, 'home'), join(folder.path, 'ledger')];
  await mkdir(cwd);
  const { command, args } = fixtureEntry({}, 'agent-tools') as { command: string; args: string[] };
  const config = { mcpServers: { tools: { command, args: [...args, ledger] } } };
  await writeFile(join(cwd, 'config.json'), JSON.stringify(config));
});

afterEach(() => folder[Symbol.asyncDispose]());

function order(thing: string): Promise<Finished> {
  const call = ['call', 'tools__order', JSON.stringify({ thing }), '--config', 'config.json'];
  return switchyard(call, { cwd, home });
}

function approvals(...args: string[]): Promise<Finished> {
  return switchyard(['approvals', ...args], { cwd, home });
}

/** The id under which the call waits. */
function idIn({ stderr }: Finished): string {
  return /approvals approve (\w{8})/.exec(stderr)?.[1] ?? '';
}

test('a call waits until it is approved, runs once when it is sent again, and is asked about anew', async () => {
  const first = await order('tea');
  expect(first).toMatchObject({ code: 4, stdout: '' });
  const id = idIn(first);
  // Asked twice, it is one question.
  expect(idIn(await order('tea'))).toBe(id);
  const listed = await approvals('list', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({
    calls: [{ id, state: 'pending', tool: 'tools__order', arguments: { thing: 'tea' }, folder: cwd }],
  });
  expect((await approvals('show', id.slice(0, 5))).stdout).toContain('"thing": "tea"');

  expect(await approvals('approve', id)).toMatchObject({ code: 0, stdout: '' });
  // Nothing runs by itself, and no other call uses it.
  expect(idIn(await order('gold'))).not.toBe(id);
  expect(linesOf(ledger)).toEqual([]);
  expect(await order('tea')).toMatchObject({ code: 0, stdout: 'ordered tea\n' });
  const again = await order('tea');
  expect(again.code).toBe(4);
  expect(idIn(again)).not.toBe(id);
  expect(linesOf(ledger)).toEqual(['order tea']);
  expect(await approvals('approve', id)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has run'),
  });
});

test('of two that send an approved call in the same moment one runs', async () => {
  expect(await approvals('approve', idIn(await order('tea')))).toMatchObject({ code: 0 });
  const codes = (await Promise.all([order('tea'), order('tea')])).map(({ code }) => code);
  expect(codes.sort((left, right) => Number(left) - Number(right))).toEqual([0, 4]);
  expect(linesOf(ledger)).toEqual(['order tea']);
});

test('after its time is over an approval works no more', async () => {
  const id = idIn(await order('tea'));
  expect((await approvals('approve', id)).code).toBe(0);
  {
    using state = openState(home);
    state.database.prepare('UPDATE approvals SET expires_ms = ? WHERE id = ?').run(Date.now() - 1, id);
  }
  const later = await order('tea');
  expect(later.code).toBe(4);
  expect(idIn(later)).not.toBe(id);
  expect(linesOf(ledger)).toEqual([]);
  expect((await approvals('approve', id)).stderr).toContain('expired at');
});

test('a no is told once with its reason; a yes that is not used can be taken back', async () => {
  const id = idIn(await order('tea'));
  expect((await approvals('deny', id, '--reason', 'we have coffee')).code).toBe(0);
  const denied = await order('tea');
  expect(denied.code).toBe(1);
  expect(denied.stdout + denied.stderr).toContain('the person said no: we have coffee');
  const next = idIn(await order('tea'));
  expect((await approvals('approve', next)).code).toBe(0);
  expect((await approvals('deny', next)).code).toBe(0);
  expect((await order('tea')).code).toBe(1);
  expect(linesOf(ledger)).toEqual([]);
});

test('an unknown id and one that could be several are refused, and then nothing is decided', async () => {
  const id = idIn(await order('tea'));
  const unknown = await approvals('approve', id, '9zzzzzzz');
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining(`${id} (tools__order)`) });
  using state = openState(home);
  expect(state.database.prepare('SELECT state FROM approvals').all()).toEqual([{ state: 'pending' }]);
  state.database
    .prepare(
      `INSERT INTO approvals (id, place, actor, project, tool, server, title, destructive, arguments, arguments_hash,
        created_ms, expires_ms, state) SELECT substr(id, 1, 1) || 'zzzzzzz', place, actor, project, tool, server, title,
        destructive, arguments, arguments_hash, created_ms, expires_ms, state FROM approvals`,
    )
    .run();
  const ambiguous = await approvals('approve', id.slice(0, 1));
  expect(ambiguous).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Several approvals begin with'),
  });
});
