/** Facts about processes of this machine: on Linux from /proc, elsewhere from ps. Synchronous, because an exit handler asks too. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const LINUX = process.platform === 'linux';

export interface GroupMember {
  readonly pid: number;
  readonly environment: string;
}

/**
 * When the process started, in a form that is only good for comparison; undefined where there is no such process.
 * Together with the pid it names one process for as long as the machine runs.
 */
export function startTimeOf(pid: number): string | undefined {
  if (LINUX) {
    const fields = statFields(pid);
    return fields === undefined || fields.state === 'Z' ? undefined : fields.startTime;
  }
  return ps(['-o', 'lstart=', '-p', String(pid)])?.trim() || undefined;
}

/** The living members of a process group with the environment they were started with, where it can be read. */
export function membersOfGroup(pgid: number): readonly GroupMember[] {
  if (!LINUX) {
    const lines = ps(['-A', '-ww', '-E', '-o', 'pid=,pgid=,command='])?.split('\n') ?? [];
    return lines.flatMap((line) => {
      const [, pid, group, rest = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return Number(group) === pgid ? [{ pid: Number(pid), environment: rest }] : [];
    });
  }
  const members: GroupMember[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const fields = statFields(pid);
    if (fields === undefined || fields.pgid !== pgid || fields.state === 'Z') continue;
    members.push({ pid, environment: readIfThere(`/proc/${pid}/environ`) ?? '' });
  }
  return members;
}

/** True where a living process (a zombie is none) belongs to the group. */
export function groupHasMembers(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return membersOfGroup(pgid).length > 0;
}

/** Fields 3, 5 and 22 of /proc/<pid>/stat (proc_pid_stat(5)); the name in field 2 may hold any character. */
function statFields(pid: number): { state: string; pgid: number; startTime: string } | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', pgid: Number(fields[2]), startTime: fields[19] ?? '' };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended between two looks, or belongs to someone else.
    return undefined;
  }
}

function ps(args: readonly string[]): string | undefined {
  try {
    return execFileSync('ps', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    // ps exits with 1 where no process matches.
    return undefined;
  }
}
