/**
 * The process groups that this host started, on record under `processes/`, so that the next start can end what a host
 * left that was killed. A group is ended only where it is proven to be ours: its leader still has the recorded start
 * time, or, the leader gone, a member carries the host's random marker in its environment. Pids are used again;
 * neither proof can pass to a stranger.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { messageOf } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import type { LogSink } from './contract.ts';
import { groupHasMembers, membersOfGroup, startTimeOf } from './process-table.ts';

/** Inherited by everything a server starts. */
const MARKER_VARIABLE = 'SWITCHYARD_PROCESS_MARKER';
const POLL_MS = 20;

interface RecordedGroup {
  readonly pgid: number;
  readonly startTime: string;
}

interface HostRecord {
  readonly pid: number;
  readonly startTime: string;
  readonly marker: string;
  readonly groups: readonly RecordedGroup[];
}

export class ProcessGroups {
  /** Goes into the environment of every server. */
  readonly marker: Readonly<Record<string, string>>;
  readonly #file: string;
  readonly #folder: string;
  readonly #id = randomBytes(16).toString('hex');
  readonly #startTime = startTimeOf(process.pid) ?? '';
  readonly #groups = new Map<number, string>();
  readonly #log: LogSink;
  readonly #onExit = () => this.#killAll();
  #closed = false;

  constructor(homeFolder: string, log: LogSink) {
    this.marker = { [MARKER_VARIABLE]: this.#id };
    this.#folder = join(homeFolder, 'processes');
    this.#file = join(this.#folder, `${process.pid}-${this.#id.slice(0, 12)}.json`);
    this.#log = log;
  }

  /** Puts a group that was just started on record, and makes sure that it ends with this process at the latest. */
  add(pgid: number): void {
    if (this.#groups.size === 0) process.once('exit', this.#onExit);
    this.#groups.set(pgid, startTimeOf(pgid) ?? '');
    this.#write();
  }

  remove(pgid: number): void {
    if (!this.#groups.delete(pgid)) return;
    if (this.#groups.size > 0) {
      this.#write();
      return;
    }
    process.removeListener('exit', this.#onExit);
    rmSync(this.#file, { force: true });
  }

  /** Called when every group has been stopped. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    process.removeListener('exit', this.#onExit);
    this.#killAll();
  }

  #killAll(): void {
    for (const [pgid, startTime] of this.#groups) endGroup({ pgid, startTime }, this.#id, 'SIGKILL');
    this.#groups.clear();
    rmSync(this.#file, { force: true });
  }

  #write(): void {
    const record: HostRecord = {
      pid: process.pid,
      startTime: this.#startTime,
      marker: this.#id,
      groups: [...this.#groups].map(([pgid, startTime]) => ({ pgid, startTime })),
    };
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(`${this.#file}.tmp`, JSON.stringify(record), { mode: 0o600 });
      renameSync(`${this.#file}.tmp`, this.#file);
    } catch (error) {
      this.#log({
        level: 'warn',
        component: 'registry',
        event: 'process-record-not-written',
        fields: { file: this.#file, reason: messageOf(error) },
      });
    }
  }
}

/** Ends what dead hosts left behind, and deletes their records. */
export async function sweepDeadHosts(homeFolder: string, log: LogSink, deadlineMs: number): Promise<void> {
  const folder = join(homeFolder, 'processes');
  await Promise.all(
    recordFiles(folder).map(async (file) => {
      const path = join(folder, file);
      const record = readRecord(path);
      if (record !== undefined && startTimeOf(record.pid) === record.startTime) return;
      for (const group of record?.groups ?? []) {
        if (!endGroup(group, record?.marker ?? '', 'SIGTERM')) continue;
        if (!(await groupEnds(group.pgid, deadlineMs))) endGroup(group, record?.marker ?? '', 'SIGKILL');
        log({
          level: 'warn',
          component: 'registry',
          event: 'orphan-group-ended',
          fields: { pgid: group.pgid, host: record?.pid ?? 0 },
        });
      }
      rmSync(path, { force: true });
    }),
  );
}

export function signalGroup(pgid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch {
    // ESRCH: nothing is left of the group. EPERM: what is left is not ours to end.
    return false;
  }
}

/** Waits until nothing of the group lives; false where the deadline passed first. */
export async function groupEnds(pgid: number, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (groupHasMembers(pgid)) {
    if (performance.now() >= end) return false;
    await delay(POLL_MS);
  }
  return true;
}

function endGroup(group: RecordedGroup, marker: string, signal: NodeJS.Signals): boolean {
  return isOurs(group, marker) && signalGroup(group.pgid, signal);
}

function isOurs(group: RecordedGroup, marker: string): boolean {
  const leader = startTimeOf(group.pgid);
  if (leader !== undefined) return leader === group.startTime;
  const proof = `${MARKER_VARIABLE}=${marker}`;
  return membersOfGroup(group.pgid).some((member) => member.environment.includes(proof));
}

function recordFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    // No server was ever started from this home.
    return [];
  }
}

function readRecord(path: string): HostRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isJsonObject(value) || !Array.isArray(value['groups'])) return undefined;
    return value as unknown as HostRecord;
  } catch {
    // Another host swept it, or it is damaged: either way it names nothing that could be ended.
    return undefined;
  }
}
