/** Clients' tokens in `state.db`: added and revoked by the command line, checked by a server that runs beside. */
import { timingSafeEqual } from 'node:crypto';

import { withBusyTimeout } from '../../database/busy-timeout.ts';
import { HostError } from '../../errors.ts';
import type { State } from '../state.ts';
import type { ClientTokenRow, ClientTokens, TokenCheck } from './contract.ts';
import { hashOf, newToken, tokenId } from './token.ts';

/** As it stands in an actor. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/;

const MAX_LIFETIME_MS = 100 * 365 * 24 * 60 * 60_000;

export interface AddedToken extends ClientTokenRow {
  readonly token: string;
}

/** Throws `usage` where the name is taken or no name. */
export function addToken(
  state: State,
  name: string,
  options: { readonly lifetimeMs?: number } = {},
): AddedToken {
  if (!NAME.test(name))
    throw new HostError(
      'usage',
      `"${name}" is no name for a token: up to 64 letters, digits, ".", "_" and "-".`,
    );
  const { lifetimeMs = 0 } = options;
  if (lifetimeMs > MAX_LIFETIME_MS)
    throw new HostError('usage', 'A token that expires does so within 100 years.');
  const { id, text, sha256 } = newToken();
  const createdMs = Date.now();
  const expiresMs = options.lifetimeMs === undefined ? undefined : createdMs + options.lifetimeMs;
  state.transaction(() => {
    const taken = state.database.prepare('SELECT 1 FROM client_tokens WHERE name = ?').get(name);
    if (taken !== undefined)
      throw new HostError(
        'usage',
        `There is a token "${name}" already. To replace it: switchyard tokens revoke ${name}`,
      );
    state.database
      .prepare('INSERT INTO client_tokens (id, name, sha256, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?)')
      .run(id, name, sha256, createdMs, expiresMs ?? null);
  });
  return { name, token: text, createdMs, ...(expiresMs === undefined ? {} : { expiresMs }) };
}

export function listTokens(state: State): ClientTokenRow[] {
  const rows = state.use(() =>
    state.database
      .prepare('SELECT name, created_ms, expires_ms, last_used_ms FROM client_tokens ORDER BY name')
      .all(),
  );
  return rows.map((row) => ({
    name: String(row['name']),
    createdMs: Number(row['created_ms']),
    ...(row['expires_ms'] === null ? {} : { expiresMs: Number(row['expires_ms']) }),
    ...(row['last_used_ms'] === null ? {} : { lastUsedMs: Number(row['last_used_ms']) }),
  }));
}

/** Throws `usage` where there is none of that name. */
export function revokeToken(state: State, name: string): void {
  const { changes } = state.use(() =>
    state.database.prepare('DELETE FROM client_tokens WHERE name = ?').run(name),
  );
  if (changes > 0) return;
  const names = listTokens(state).map((token) => token.name);
  const there = names.length === 0 ? 'There is none.' : `There are ${names.join(', ')}.`;
  throw new HostError('usage', `There is no token "${name}". ${there}`);
}

const WRITE_USE_EVERY_MS = 10 * 60_000;
const NO_HASH = Buffer.alloc(32);

export interface ClientTokensOptions {
  /** Told why the time of the last use could not be written. */
  readonly onFailure: (error: unknown) => void;
  readonly now?: () => number;
}

export function openClientTokens(
  state: State,
  { onFailure, now = Date.now }: ClientTokensOptions,
): ClientTokens {
  const { database } = state;
  const byId = database.prepare(
    'SELECT name, sha256, expires_ms, last_used_ms FROM client_tokens WHERE id = ?',
  );
  const counts = database.prepare(
    'SELECT count(*) AS total, count(*) FILTER (WHERE coalesce(expires_ms, ?1) >= ?1) AS valid FROM client_tokens',
  );
  const use = database.prepare('UPDATE client_tokens SET last_used_ms = ? WHERE id = ?');
  /** Nobody waits for it: where it cannot be written at once, a later request of the client writes it. */
  const noteUse = (nowMs: number, id: string): void => {
    try {
      withBusyTimeout(database, 0, () => use.run(nowMs, id));
    } catch (error) {
      onFailure(error);
    }
  };
  return {
    check: (token) =>
      state.use((): TokenCheck => {
        const id = tokenId(token);
        const row = id === undefined ? undefined : byId.get(id);
        const kept = row?.['sha256'] instanceof Uint8Array ? row['sha256'] : NO_HASH;
        const fits = timingSafeEqual(hashOf(token), kept);
        if (id === undefined || row === undefined || !fits) return { type: 'unknown' };
        const name = String(row['name']);
        const nowMs = now();
        if (isOver(row, nowMs)) return { type: 'expired', name };
        if (nowMs - Number(row['last_used_ms'] ?? 0) > WRITE_USE_EVERY_MS) noteUse(nowMs, id);
        return { type: 'valid', name, id };
      }),
    isGood: (id) =>
      state.use(() => {
        const row = byId.get(id);
        return row !== undefined && !isOver(row, now());
      }),
    known: () =>
      state.use(() => {
        const row = counts.get(now());
        return { any: Number(row?.['total']) > 0, valid: Number(row?.['valid']) > 0 };
      }),
  };
}

function isOver(row: Readonly<Record<string, unknown>>, nowMs: number): boolean {
  return row['expires_ms'] !== null && Number(row['expires_ms']) < nowMs;
}
