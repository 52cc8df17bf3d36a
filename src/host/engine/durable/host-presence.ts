import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { tryHold } from '../../../database/write-lock.ts';
import type { State } from '../../state.ts';
import { HOSTS_FOLDER, hostLockFile, isHostDead } from './host-lock.ts';

/** Another host that owns runs, as it looks from here. */
export type Peer = { readonly state: 'alive' | 'dead' | 'unknown'; readonly pid?: number };

/**
 * This host among those that share a state folder. Each holds a lock, which the kernel frees when it dies, and counts up a
 * heartbeat, whose standing still tells that it is stopped. No clock is compared with another.
 */
export class HostPresence implements Disposable {
  readonly id = randomUUID();
  readonly #state: State;
  readonly #homeFolder: string;
  readonly #leaseMs: number;
  readonly #lock: Disposable;
  readonly #file: string;
  /** Since when, by our monotonic clock, each other host's heartbeat stands still. */
  readonly #seen = new Map<string, { readonly heartbeat: number; readonly sinceMs: number }>();

  constructor(state: State, homeFolder: string, leaseMs: number) {
    this.#state = state;
    this.#leaseMs = leaseMs;
    this.#homeFolder = homeFolder;
    mkdirSync(join(homeFolder, HOSTS_FOLDER), { recursive: true, mode: 0o700 });
    this.#file = hostLockFile(homeFolder, this.id);
    const lock = tryHold(this.#file);
    if (lock === undefined) throw new Error(`${this.#file} is held by another process`);
    this.#lock = lock;
    state.use(() =>
      state.database
        .prepare('INSERT INTO hosts (id, pid, started_ms) VALUES (?, ?, ?)')
        .run(this.id, process.pid, Date.now()),
    );
  }

  beat(): void {
    this.#state.use(() =>
      this.#state.database.prepare('UPDATE hosts SET heartbeat = heartbeat + 1 WHERE id = ?').run(this.id),
    );
  }

  /** `unknown`: its heartbeat stands still, but not for a whole lease yet. */
  look(hostId: string): Peer {
    if (hostId === this.id) return { state: 'alive', pid: process.pid };
    const row = this.#state.use(() =>
      this.#state.database.prepare('SELECT pid, heartbeat FROM hosts WHERE id = ?').get(hostId),
    );
    if (row === undefined || this.#isDead(hostId)) return { state: 'dead' };
    const heartbeat = Number(row['heartbeat']);
    const pid = Number(row['pid']);
    const before = this.#seen.get(hostId);
    const now = performance.now();
    if (before?.heartbeat !== heartbeat) {
      this.#seen.set(hostId, { heartbeat, sinceMs: now });
      return { state: before === undefined ? 'unknown' : 'alive', pid };
    }
    return { state: now - before.sinceMs >= this.#leaseMs ? 'dead' : 'unknown', pid };
  }

  /** Forgets hosts that died and own nothing any more. */
  sweep(): void {
    const { database } = this.#state;
    const rows = this.#state.use(() =>
      database
        .prepare(
          'SELECT id FROM hosts WHERE id <> ? AND NOT EXISTS (SELECT 1 FROM runs WHERE owner = hosts.id)',
        )
        .all(this.id),
    );
    for (const row of rows) {
      const id = String(row['id']);
      if (!this.#isDead(id)) continue;
      this.#state.use(() => database.prepare('DELETE FROM hosts WHERE id = ?').run(id));
      rmSync(hostLockFile(this.#homeFolder, id), { force: true });
    }
  }

  [Symbol.dispose](): void {
    try {
      this.#state.use(() => this.#state.database.prepare('DELETE FROM hosts WHERE id = ?').run(this.id));
    } catch {
      // On a full disk, for example. That this host is gone the lock tells, and another one forgets it then.
    } finally {
      this.#lock[Symbol.dispose]();
      rmSync(this.#file, { force: true });
    }
  }

  #isDead(hostId: string): boolean {
    return isHostDead(this.#homeFolder, hostId);
  }
}
