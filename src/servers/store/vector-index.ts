/** LanceDB over the vectors of one space. Holds no text, and nothing that SQLite could not give again. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { DatabaseSync } from 'node:sqlite';

import type { Connection, Table } from '@lancedb/lancedb';

import { messageOf } from '../../errors.ts';
import type { Ranked } from './lexical.ts';
import {
  countVectors,
  markIndexed,
  markUnindexed,
  pendingRemovals,
  removalsDone,
  unindexedVectors,
} from './vectors.ts';
import type { VectorRow } from './vectors.ts';

export interface VectorIndexOptions {
  readonly folder: string;
  readonly database: DatabaseSync;
  readonly collectionId: string;
  readonly space: string;
}

const ROWS_A_COMMIT = 1_000;
const ATTEMPTS = 6;
const FIRST_RETRY_MS = 20;
/** Other processes may still read a version that is younger than this. */
const KEPT_VERSIONS_MS = 600_000;

export class VectorIndex {
  readonly #options: VectorIndexOptions;
  readonly #tableName: string;
  #connection: Promise<Connection> | undefined;
  #table: Table | undefined;

  constructor(options: VectorIndexOptions) {
    this.#options = options;
    const hash = createHash('sha256').update(`${options.collectionId}\n${options.space}`).digest('hex');
    this.#tableName = `vectors_${hash.slice(0, 16)}`;
  }

  /** The nearest chunks by cosine, best first; none when nothing is indexed. `documents` limits where to look. */
  async search(
    vector: Float32Array,
    limit: number,
    documents?: readonly number[],
  ): Promise<readonly Ranked[]> {
    if (documents?.length === 0) return [];
    return this.#again(async () => {
      const table = await this.#open();
      if (table === undefined) return [];
      await table.checkoutLatest();
      const query = table
        .vectorSearch(vector)
        .distanceType('dot')
        .select(['chunk', '_distance'])
        .limit(limit);
      if (documents !== undefined) query.where(`document IN (${documents.join(', ')})`);
      const rows: readonly unknown[] = await query.toArray();
      return rows.map(rankedOf);
    });
  }

  /** Brings the index to what SQLite holds. The caller holds the write lock. */
  async update(): Promise<void> {
    const { database, space } = this.#options;
    await this.#rebuildWhenWrong();
    await this.#applyRemovals();
    let added = 0;
    for (let rows = unindexedVectors(database, space, ROWS_A_COMMIT); rows.length > 0; ) {
      await this.#again(() => this.#merge(rows));
      markIndexed(
        database,
        space,
        rows.map(({ chunk }) => chunk),
      );
      added += rows.length;
      rows = unindexedVectors(database, space, ROWS_A_COMMIT);
    }
    if (added === 0) return;
    await this.#again(async () => {
      await this.#table?.optimize({ cleanupOlderThan: new Date(Date.now() - KEPT_VERSIONS_MS) });
    });
  }

  /** Takes the whole index off the disk, every version of it. The next update builds it again. The caller holds the lock. */
  async erase(): Promise<void> {
    const { database, folder } = this.#options;
    this.#table?.close();
    this.#table = undefined;
    const removals = pendingRemovals(database);
    markUnindexed(database);
    await rm(folder, { recursive: true, force: true });
    removalsDone(database, removals);
  }

  async close(): Promise<void> {
    this.#table?.close();
    this.#table = undefined;
    const connection = await this.#connection;
    this.#connection = undefined;
    connection?.close();
  }

  async #connect(): Promise<Connection> {
    this.#connection ??= connectTo(this.#options.folder);
    return this.#connection;
  }

  /** Undefined where there is no index. Loads LanceDB only where its folder exists. */
  async #open(): Promise<Table | undefined> {
    if (this.#table !== undefined) return this.#table;
    if (!existsSync(this.#options.folder)) return undefined;
    const connection = await this.#connect();
    if (!(await connection.tableNames()).includes(this.#tableName)) return undefined;
    this.#table = await connection.openTable(this.#tableName);
    return this.#table;
  }

  async #merge(rows: readonly VectorRow[]): Promise<void> {
    const data = rows.map(({ chunk, document, vector }) => ({ chunk, document, vector: Array.from(vector) }));
    const table = await this.#open();
    if (table === undefined) {
      mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
      const connection = await this.#connect();
      this.#table = await connection.createTable(this.#tableName, data);
      return;
    }
    await table.checkoutLatest();
    await table.mergeInsert('chunk').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(data);
  }

  async #rebuildWhenWrong(): Promise<void> {
    const { database, space } = this.#options;
    const rows = await this.#again(async () => {
      const table = await this.#open();
      await table?.checkoutLatest();
      return table?.countRows();
    });
    const expected = countVectors(database, space).indexed;
    const removed = pendingRemovals(database).length;
    // Removed chunks are still counted by the index and no longer by SQLite.
    if (rows === undefined ? expected === 0 : rows >= expected && rows <= expected + removed) return;
    if (rows !== undefined) {
      this.#table?.close();
      this.#table = undefined;
      await (await this.#connect()).dropTable(this.#tableName);
    }
    markUnindexed(database, space);
  }

  async #applyRemovals(): Promise<void> {
    const { database } = this.#options;
    const removals = pendingRemovals(database);
    if (removals.length === 0) return;
    await this.#again(async () => {
      const table = await this.#open();
      if (table === undefined) return;
      await table.checkoutLatest();
      await table.delete(`chunk IN (${removals.join(', ')})`);
    });
    await this.#dropOtherSpaces();
    removalsDone(database, removals);
  }

  /** An index that nobody keeps up would keep what was removed; it is rebuilt when its embedder is used again. */
  async #dropOtherSpaces(): Promise<void> {
    if (!existsSync(this.#options.folder)) return;
    const connection = await this.#connect();
    for (const name of await connection.tableNames()) {
      if (name !== this.#tableName) await connection.dropTable(name);
    }
  }

  /** A commit of another process in between, or a version that another process cleaned away, is worth another try. */
  async #again<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt === ATTEMPTS || !/conflict|not found|no such file/i.test(messageOf(error))) throw error;
        this.#table?.close();
        this.#table = undefined;
        await wait(FIRST_RETRY_MS * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  }
}

async function connectTo(folder: string): Promise<Connection> {
  const { connect } = await import('@lancedb/lancedb');
  return connect(folder);
}

function rankedOf(row: unknown): Ranked {
  const { chunk, _distance: distance } = row as { readonly chunk: number; readonly _distance: number };
  return { number: chunk, score: 1 - distance };
}
