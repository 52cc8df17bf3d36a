/** The lock that each host holds while it lives: the kernel frees it, however the host ends. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { tryHold } from '../../../database/write-lock.ts';
import type { State } from '../../state.ts';

export const HOSTS_FOLDER = 'hosts';

export function hostLockFile(homeFolder: string, hostId: string): string {
  return join(homeFolder, HOSTS_FOLDER, `${hostId}.lock`);
}

/** A host that is stopped lives as well. */
export function isHostDead(homeFolder: string, hostId: string): boolean {
  const file = hostLockFile(homeFolder, hostId);
  if (!existsSync(file)) return true;
  const lock = tryHold(file);
  lock?.[Symbol.dispose]();
  return lock !== undefined;
}

/** The process of a host that lives. */
export function livePidOf(state: State, homeFolder: string, hostId: string): number | undefined {
  const row = state.use(() => state.database.prepare('SELECT pid FROM hosts WHERE id = ?').get(hostId));
  return row === undefined || isHostDead(homeFolder, hostId) ? undefined : Number(row['pid']);
}
