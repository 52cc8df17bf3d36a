/** One server's process: started in a group of its own, ended in stages together with all it left behind. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

import type { Environment } from '../config/environment.ts';
import { behindThisHost } from '../config/host-depth.ts';
import { groupEnds, type ProcessGroups, signalGroup } from './process-groups.ts';
import { groupHasMembers } from './process-table.ts';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly groups: ProcessGroups;
}

/** How long each stage of an ending may take. */
const STOP_DEADLINES_MS = { endOfInput: 2_000, terminate: 2_000, kill: 2_000 } as const;

/** The variables that every server inherits; the SDK's stdio transport passes the same. Besides, how deep it stands. */
const INHERITED = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];
const INHERITED_WINDOWS =
  'APPDATA HOMEDRIVE HOMEPATH LOCALAPPDATA PATH PATHEXT PROCESSOR_ARCHITECTURE PROGRAMDATA PROGRAMFILES SYSTEMDRIVE SYSTEMROOT TEMP USERNAME USERPROFILE WINDIR COMSPEC';

export function inheritedEnvironment(environment: Environment): Record<string, string> {
  const names = process.platform === 'win32' ? INHERITED_WINDOWS.split(' ') : INHERITED;
  const inherited: Record<string, string> = {};
  for (const name of names) {
    const value = environment[name];
    // A value that starts like this is an exported shell function, which some shells would run.
    if (value !== undefined && !value.startsWith('()')) inherited[name] = value;
  }
  return { ...inherited, ...behindThisHost(environment) };
}

export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  readonly pid: number;
  /** Resolves when the process has ended, however it ended. */
  readonly exited: Promise<ExitStatus>;
  /** Ends the process and its group: end of input, SIGTERM, SIGKILL. Resolves when nothing of it is left. Idempotent. */
  stop(): Promise<void>;
}

interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Rejects where the program cannot be started. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const grouped = process.platform !== 'win32';
  const child = spawn(options.command, [...options.args], {
    env: { ...options.env, ...options.groups.marker },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: grouped,
    windowsHide: true,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const pid = child.pid;
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // A pipe whose reader is gone reports it here; the writer learns it from its own callback.
  child.stdin.on('error', () => undefined);
  if (pid === undefined) {
    await new Promise((_, reject) => child.once('error', reject));
    throw new Error(`'${options.command}' could not be started.`);
  }
  child.on('error', () => undefined);
  if (grouped) options.groups.add(pid);
  let stopping: Promise<void> | undefined;
  return {
    process: child,
    pid,
    exited,
    stop: () => {
      stopping ??= stopStages(child, pid, exited).finally(() => options.groups.remove(pid));
      return stopping;
    },
  };
}

async function stopStages(
  child: ChildProcessWithoutNullStreams,
  pid: number,
  exited: Promise<ExitStatus>,
): Promise<void> {
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  if (!gone()) {
    child.stdin.end();
    await within(exited, STOP_DEADLINES_MS.endOfInput);
  }
  if (process.platform === 'win32') {
    if (!gone()) child.kill('SIGKILL');
    await within(exited, STOP_DEADLINES_MS.kill);
    return;
  }
  if (gone() && !groupHasMembers(pid)) return;
  signalGroup(pid, 'SIGTERM');
  if (await groupEnds(pid, STOP_DEADLINES_MS.terminate)) return;
  signalGroup(pid, 'SIGKILL');
  await groupEnds(pid, STOP_DEADLINES_MS.kill);
  await within(exited, STOP_DEADLINES_MS.kill);
}

async function within(done: Promise<unknown>, deadlineMs: number): Promise<void> {
  const timer = new AbortController();
  const deadline = delay(deadlineMs, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([done, deadline]);
  timer.abort();
}
