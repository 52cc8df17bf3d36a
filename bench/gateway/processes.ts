/** Processes that a benchmark starts, and what the system says of them (Linux; elsewhere figures are NaN). */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Of the values that /proc counts in (USER_HZ, fixed in the interface to programs). */
const TICK_MS = 10;
const STOP_MS = 8_000;

/** In a group of its own, so that what it leaves behind can be ended with it. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'stdio'> = {},
): ChildProcess {
  const child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'ignore'], ...options, detached: true });
  // A process that was killed leaves broken pipes; that it has ended is told by its exit.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined);
  return child;
}

/** SIGTERM, then SIGKILL for whatever of its group is left. */
export async function endProcess(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const over = new AbortController();
    await Promise.race([exited, delay(STOP_MS, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left.
  }
}

/** User and system time of the process alone, its children apart. */
export function cpuMs(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields?.[11]) + Number(fields?.[12])) * TICK_MS;
}

export function rssMb(pid: number): number {
  return sizeKb(pid, 'VmRSS') / 1_000;
}

/** The process and all that descend from it. */
export function processTree(pid: number): readonly number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((one) => isWithin(one, pid));
}

function isWithin(one: number, pid: number): boolean {
  for (let at = one; at > 1; at = Number(statOf(at)?.[1] ?? 0)) {
    if (at === pid) return true;
  }
  return false;
}

/** The fields behind the name, which may hold anything (man 5 proc_pid_stat). */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    // It has ended, or this system tells it otherwise.
    return undefined;
  }
}

function sizeKb(pid: number, field: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return (Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1_024) / 1_000;
  } catch {
    // It has ended, or this system tells it otherwise.
    return Number.NaN;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
