/** `state.db` in the home folder: sessions, stored results, remembered approvals, and what is still to be put into memory. Many hosts share the file. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { type OpenOptions, openDatabase } from '../database/database.ts';
import { HostError, messageOf } from '../errors.ts';
import { eraseDeleted, tryErase } from '../database/erase-deleted.ts';
import { storeFailure } from '../database/failure.ts';
import { transaction } from '../database/transaction.ts';
import { STATE_MIGRATIONS } from './state-migrations.ts';

/** Every method throws what SQLite has to say as HostErrors `store-…`, which name the file and what to do. */
export interface State extends Disposable {
  readonly database: DatabaseSync;
  readonly file: string;
  /**
   * The statement of this text, compiled once: compiling takes longer than what most statements do. For the few texts that
   * the program has, and not to be iterated over.
   */
  readonly prepared: (sql: string) => StatementSync;
  /** Runs `work`, which reads or writes a single row. */
  readonly use: <Result>(work: () => Result) => Result;
  /** Runs `work` in one writing transaction, which cannot wait for anything. */
  readonly transaction: <Result>(work: () => Result) => Result;
  /** Leaves nothing on the disk of rows that were deleted. Where that fails the next host that opens the file goes on with it. */
  erase(): Promise<void>;
}

const FILE_NAME = 'state.db';

/** `Swst`. */
const IDENTITY = { applicationId: 0x53_77_73_74, tables: ['sessions', 'session_runs', 'messages'] };

/** There while something was deleted and may still stand in free parts of the file. */
const ERASING_NAME = 'state.erasing';

/** Throws the HostErrors of `openDatabase`: a damaged, foreign or newer file is refused and never overwritten. */
export function openState(homeFolder: string, options: OpenOptions = {}): State {
  const file = join(homeFolder, FILE_NAME);
  const erasing = join(homeFolder, ERASING_NAME);
  makeFolder(homeFolder, file);
  const database = openDatabase(file, { ...IDENTITY, migrations: STATE_MIGRATIONS }, options);
  if (existsSync(erasing) && tryErase(database, file)) rmSync(erasing, { force: true });
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const use = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw storeFailure(error, file);
    }
  };
  return {
    database,
    file,
    prepared,
    use,
    transaction: (work) => use(() => transaction(database, work)),
    async erase() {
      writeFileSync(erasing, '', { mode: 0o600 });
      await eraseDeleted(database, file);
      rmSync(erasing, { force: true });
    },
    [Symbol.dispose]: () => {
      if (database.isOpen) database.close();
    },
  };
}

function makeFolder(homeFolder: string, file: string): void {
  try {
    mkdirSync(homeFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new HostError('store-unwritable', `${file} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}
