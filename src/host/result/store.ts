/** The files of `results/` in the home folder and their rows in `state.db`. Many hosts share both. */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { HostError, messageOf } from '../../errors.ts';
import type { State } from '../state.ts';
import type { ResultAccess, ResultChunk, ResultStore, StoredResult } from './contract.ts';
import { newResultId, resultIdOf, resultUri } from './result-uri.ts';
import { writeResult } from './write-result.ts';

export interface ResultStoreOptions {
  readonly homeFolder: string;
  /** Opened when a result is stored or read for the first time, and not before. */
  readonly state: () => Promise<State>;
  readonly now?: () => number;
}

const LIFE_MS = 24 * 60 * 60 * 1_000;
/** A file that is being written grows all the time; one that did not for so long was left by a host that died. */
const ABANDONED_MS = 60 * 60 * 1_000;
const PARTIAL_SUFFIX = '.partial';

/** A result lives with its session where `state.db` knows it, and until its run has ended, else 24 hours. */
const ALIVE = `(results.created_ms > :oldest OR EXISTS (SELECT 1 FROM sessions WHERE sessions.id = results.session_id)
  OR EXISTS (SELECT 1 FROM runs WHERE runs.id = results.run_id AND status IN ('running', 'waiting', 'suspended')))`;
const READABLE =
  'results.id = :id AND actor = :actor AND (session_id IS NULL OR :session IS NULL OR session_id = :session)';

export function createResultStore(options: ResultStoreOptions): ResultStore {
  const { now = Date.now } = options;
  const folder = join(options.homeFolder, 'results');
  let opened: Promise<State> | undefined;
  const open = (): Promise<State> => {
    opened ??= options.state().then((state) => {
      sweep(state, folder, now());
      return state;
    });
    return opened;
  };

  return {
    async keep(content, tool, access) {
      const id = newResultId();
      const partial = join(folder, `${id}${PARTIAL_SUFFIX}`);
      try {
        const state = await open();
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const written = await writeResult(partial, content);
        const stored = { id, uri: resultUri(id), tool, createdAtMs: now(), ...written };
        state.transaction(() => {
          insert(state, stored, access);
          // Within the transaction, so that a sweep by another host sees the file and its row, or neither.
          renameSync(partial, join(folder, id));
        });
        return stored;
      } catch (error) {
        await rm(partial, { force: true }).catch(() => undefined);
        throw new HostError('result-not-kept', `The result could not be kept: ${reasonOf(error, folder)}`, {
          cause: error,
        });
      }
    },

    async find(uri, access) {
      const id = resultIdOf(uri);
      if (id === undefined) throw unknownResult(uri);
      const state = await open();
      const select = `SELECT * FROM results WHERE ${READABLE} AND ${ALIVE}`;
      const given = {
        id,
        actor: access.actor,
        session: access.sessionId ?? null,
        oldest: now() - LIFE_MS,
      };
      const row = state.use(() => state.database.prepare(select).get(given));
      if (!row) throw unknownResult(uri);
      return storedResult(row);
    },

    file: ({ id }) => join(folder, id),

    async sweep() {
      if (opened) sweep(await opened, folder, now());
      else if (fileNames(folder).length > 0) await open();
    },
  };
}

function insert(state: State, stored: StoredResult, access: ResultAccess): void {
  state.database
    .prepare(
      `INSERT INTO results (id, actor, session_id, run_id, tool, mime_type, is_text, size_bytes, characters, lines, sha256, chunks, created_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      stored.id,
      access.actor,
      access.sessionId ?? null,
      access.runId ?? null,
      stored.tool,
      stored.mimeType,
      stored.isText ? 1 : 0,
      stored.sizeBytes,
      stored.characters,
      stored.lines,
      stored.sha256,
      JSON.stringify(stored.chunks),
      stored.createdAtMs,
    );
}

function storedResult(row: Record<string, unknown>): StoredResult {
  const id = String(row['id']);
  return {
    id,
    uri: resultUri(id),
    tool: String(row['tool']),
    mimeType: String(row['mime_type']),
    isText: row['is_text'] === 1,
    sizeBytes: Number(row['size_bytes']),
    characters: Number(row['characters']),
    lines: Number(row['lines']),
    sha256: String(row['sha256']),
    createdAtMs: Number(row['created_ms']),
    chunks: JSON.parse(String(row['chunks'])) as readonly ResultChunk[],
  };
}

/** In one transaction, which no other host can store a result beside: a file without a row is nobody's. */
function sweep(state: State, folder: string, nowMs: number): void {
  state.transaction(() => {
    state.database.prepare(`DELETE FROM results WHERE NOT ${ALIVE}`).run({ oldest: nowMs - LIFE_MS });
    const ids = new Set(
      state.database
        .prepare('SELECT id FROM results')
        .all()
        .map((row) => row['id']),
    );
    for (const name of fileNames(folder)) {
      const file = join(folder, name);
      const isGone = name.endsWith(PARTIAL_SUFFIX)
        ? (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? nowMs) < nowMs - ABANDONED_MS
        : !ids.has(name);
      if (isGone) rmSync(file, { force: true });
    }
  });
}

function fileNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    // No result was ever stored, or something else is in the folder's place, which the next `keep` tells.
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code)))
      return [];
    throw error;
  }
}

function unknownResult(uri: string): HostError {
  return new HostError(
    'unknown-result',
    `There is no stored result ${uri} here. Results are kept for 24 hours, those of a chat as long as the chat. Call the tool that gave it again.`,
  );
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function reasonOf(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (FULL.has(code) || code === 'store-full') return `no space is left for ${folder} (${messageOf(error)}).`;
  return `${messageOf(error)}.`;
}
