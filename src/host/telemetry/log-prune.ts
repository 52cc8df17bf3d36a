/** Old log files go when they are too old, and the oldest when all together are too large. */
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface PruneOptions {
  readonly folder: string;
  readonly keepDays: number;
  /** Of all log files together. */
  readonly maxBytes: number;
  /** The file that is written to. */
  readonly current: string;
  readonly nowMs: number;
}

const NAME = /^\d{8}T\d{9}Z-(\d+)(?:-\d+)?(?:\.\d+)?\.jsonl$/;
const DAY_MS = 86_400_000;

/**
 * Returns the names of what it deleted. Spares the current file and those of other processes that are alive. Rejects only
 * where the folder cannot be read.
 */
export async function pruneLogs(options: PruneOptions): Promise<readonly string[]> {
  const files = await logFiles(options.folder);
  let totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const deleted: string[] = [];
  for (const file of files) {
    const isOld = file.changedMs < options.nowMs - options.keepDays * DAY_MS;
    if (!isOld && totalBytes <= options.maxBytes) continue;
    if (file.path === options.current || (file.pid !== process.pid && isAlive(file.pid))) continue;
    if (!(await removed(file.path))) continue;
    totalBytes -= file.sizeBytes;
    deleted.push(file.name);
  }
  return deleted;
}

interface FoundFile {
  readonly name: string;
  readonly path: string;
  readonly pid: number;
  readonly sizeBytes: number;
  readonly changedMs: number;
}

/** Oldest first. */
async function logFiles(folder: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const name of await readdir(folder)) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined) continue;
    const path = join(folder, name);
    // Another host may have deleted it since it was listed.
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isFile()) {
      found.push({ name, path, pid: Number(pid), sizeBytes: stats.size, changedMs: stats.mtimeMs });
    }
  }
  return found.sort((a, b) => a.changedMs - b.changedMs || (a.name < b.name ? -1 : 1));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function removed(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch {
    // Deleted by another host already, or not ours to delete; the next start tries again.
    return false;
  }
}
