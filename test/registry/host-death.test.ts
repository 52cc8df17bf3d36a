import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openRegistry, type ServerStatus } from '../../src/registry/index.ts';
import { startTimeOf } from '../../src/registry/process-table.ts';
import { Bench, isAlive, until } from './fixture.ts';

const records = (bench: Bench) => {
  const folder = join(bench.homeFolder, 'processes');
  return existsSync(folder) ? readdirSync(folder) : [];
};

test('after SIGKILL of the host the next start ends its servers and their grandchildren', async () => {
  await using bench = new Bench();
  const { process: host, line } = await bench.start('host', [bench.homeFolder, 'grandchild']);
  const [status] = JSON.parse(line) as ServerStatus[];
  const pid = status?.pid ?? 0;
  const grandchild = await childOf(pid);
  host.kill('SIGKILL');
  await until(() => host.signalCode !== null, 'the host is dead');
  expect([isAlive(pid), isAlive(grandchild)]).toEqual([true, true]);

  await using registry = await openRegistry(bench.options([]));
  await until(() => !isAlive(pid) && !isAlive(grandchild), 'both are ended');
  await until(() => records(bench).length === 0, 'the record is gone');
  expect(registry.servers()).toEqual([]);
  expect(bench.events('orphan-group-ended')).toHaveLength(1);
});

test('a grandchild whose server is gone is ended by its marker', async () => {
  await using bench = new Bench();
  const { process: host, line } = await bench.start('host', [bench.homeFolder, 'orphan-maker']);
  const pid = (JSON.parse(line) as ServerStatus[])[0]?.pid ?? 0;
  const grandchild = await childOf(pid);
  host.kill('SIGKILL');
  // Its pipes are closed before it is dead, and the next start leaves alone what belongs to a host that lives.
  await until(() => host.signalCode !== null, 'the host is dead');
  await until(() => !isAlive(pid), 'the server has ended by itself');
  expect(isAlive(grandchild)).toBe(true);
  await using _registry = await openRegistry(bench.options([]));
  await until(() => !isAlive(grandchild), 'the grandchild is ended');
});

test('after SIGKILL of the host the next start ends what sessions had to themselves', async () => {
  await using bench = new Bench();
  const { process: host, line } = await bench.start('host', [bench.homeFolder, 'grandchild', 'session']);
  expect(JSON.parse(line)).toMatchObject([{ name: 'bad', sessions: 1 }]);
  const pid = await childOf(host.pid ?? 0);
  host.kill('SIGKILL');
  await until(() => host.signalCode !== null, 'the host is dead');
  expect(isAlive(pid)).toBe(true);
  await using _registry = await openRegistry(bench.options([]));
  await until(() => !isAlive(pid), 'it is ended');
  await until(() => records(bench).length === 0, 'the record is gone');
});

test('a host that exits without closing leaves no server behind', async () => {
  await using bench = new Bench();
  const { process: host, line } = await bench.start('host', [bench.homeFolder, 'grandchild', 'exit']);
  const pid = (JSON.parse(line) as ServerStatus[])[0]?.pid ?? 0;
  await until(() => host.exitCode !== null && !isAlive(pid), 'host and server are gone');
  expect(records(bench)).toEqual([]);
});

test('a process that merely got the pid of an ended server is left alone', async () => {
  await using bench = new Bench();
  const { process: stranger } = await bench.start('legacy-sse');
  const folder = join(bench.homeFolder, 'processes');
  mkdirSync(folder, { recursive: true });
  const record = (startTime: string) =>
    JSON.stringify({
      pid: 999_999_999,
      startTime: '1',
      marker: 'm',
      groups: [{ pgid: stranger.pid, startTime }],
    });
  writeFileSync(join(folder, 'dead.json'), record('1'));
  writeFileSync(join(folder, 'damaged.json'), '{"pid":');
  await using _registry = await openRegistry(bench.options([]));
  await until(() => records(bench).length === 0, 'the records are gone');
  expect(isAlive(stranger.pid ?? 0)).toBe(true);
  expect(startTimeOf(stranger.pid ?? 0)).toBeDefined();
});

async function childOf(pid: number): Promise<number> {
  const { execFileSync } = await import('node:child_process');
  const find = () => {
    const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n');
    return lines
      .map((line) => line.trim().split(/\s+/).map(Number))
      .find(([, parent]) => parent === pid)?.[0];
  };
  await until(() => find() !== undefined, 'the grandchild is there');
  return find() ?? 0;
}
