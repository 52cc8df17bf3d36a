/** Around the whole suite: fails it when a process that a test started is still there a while after the last test. */
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = dirname(import.meta.dirname);
/** The shared embedder ends a few seconds after its last client. */
const PATIENCE_MS = 20_000;
const POLL_MS = 250;

export default function setup(): () => Promise<void> {
  const before = new Set(orphans().map(({ pid }) => pid));
  return async () => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const left = orphans().filter(({ pid }) => !before.has(pid));
      if (left.length === 0) return;
      if (performance.now() > deadline) {
        throw new Error(
          `Processes of the tests are left behind:\n${left.map(({ line }) => line).join('\n')}`,
        );
      }
      await delay(POLL_MS);
    }
  };
}

/** Processes of this checkout whose parent has ended; those that somebody else runs at the same time have theirs. */
function orphans(): { pid: number; line: string }[] {
  if (process.platform === 'win32') return [];
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    // The embedder of somebody's benchmark or chat has no parent either; those of the tests serve their temporary folders.
    const isForeignEmbedder = args.includes('embedder-process') && !args.includes('switchyard-');
    const isOurs = args.includes(ROOT) && !args.includes('vitest') && !isForeignEmbedder;
    return isOurs && (parent === '1' || Number(parent) === process.pid) ? [{ pid: Number(pid), line }] : [];
  });
}
