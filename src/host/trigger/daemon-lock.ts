/** One process works on the triggers of a config. The kernel frees the lock, however the process ends. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { tryHold } from '../../database/write-lock.ts';
import { HostError } from '../../errors.ts';
import { isJsonObject } from '../../json.ts';

/** Rejects with HostError `daemon-running` where another process works on them. */
export async function holdDaemonLock(homeFolder: string, configFile: string): Promise<Disposable> {
  const { lock: file, about } = filesOf(homeFolder, configFile);
  mkdirSync(join(homeFolder, FOLDER), { recursive: true, mode: 0o700 });
  const lock = await hold(file);
  if (lock === undefined) {
    const pid = pidIn(about);
    const who = pid === undefined ? 'Another process' : `Process ${pid}`;
    throw new HostError(
      'daemon-running',
      `${who} works on the triggers of ${configFile} already. One daemon is enough: it takes edits of the config by itself.`,
      pid === undefined ? {} : { data: { pid } },
    );
  }
  writeFileSync(about, JSON.stringify({ pid: process.pid, configFile }), { mode: 0o600 });
  return {
    [Symbol.dispose]() {
      rmSync(about, { force: true });
      lock[Symbol.dispose]();
    },
  };
}

/** The process that works on the triggers of a config; undefined where none does. */
export function daemonPid(homeFolder: string, configFile: string): number | undefined {
  const { lock: file, about } = filesOf(homeFolder, configFile);
  const pid = pidIn(about);
  if (pid === undefined) return undefined;
  const lock = tryHold(file);
  lock?.[Symbol.dispose]();
  return lock === undefined ? pid : undefined;
}

const FOLDER = 'daemons';
const ATTEMPTS = 4;
const RETRY_MS = 50;

/** Who only looks whether somebody holds it holds it for a moment. */
async function hold(file: string): Promise<Disposable | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const lock = tryHold(file);
    if (lock !== undefined || attempt === ATTEMPTS) return lock;
    await wait(RETRY_MS);
  }
}

function filesOf(homeFolder: string, configFile: string): { readonly lock: string; readonly about: string } {
  const name = createHash('sha256').update(configFile).digest('hex').slice(0, 16);
  return { lock: join(homeFolder, FOLDER, `${name}.lock`), about: join(homeFolder, FOLDER, `${name}.json`) };
}

/** Undefined where there is none, or it is being written. */
function pidIn(file: string): number | undefined {
  try {
    const about: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isJsonObject(about) && typeof about['pid'] === 'number' ? about['pid'] : undefined;
  } catch {
    // Who holds the lock is told without its number then.
    return undefined;
  }
}
