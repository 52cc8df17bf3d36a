/** Runs and their journals in `state.db`, as they are read by anybody and changed by whoever owns none of them. */
import { storeFailure } from '../../../database/failure.ts';
import { HostError } from '../../../errors.ts';
import type { State } from '../../state.ts';
import type { StoredEvent } from '../../event.ts';
import type { StoredRun } from '../engine.ts';
import type { JournalRow } from '../journal.ts';
import { isEnded, runEnded } from '../run-status.ts';
import { BesideFiles } from './beside.ts';
import { decodeRow } from './row-codec.ts';
import { RUN_COLUMNS, type RunRow, runRowOf } from './run-rows.ts';
import { RUN_ID_PREFIX, shortIds } from './short-run-id.ts';

export class RunStore {
  readonly #state: State;
  readonly beside: BesideFiles;

  constructor(state: State, homeFolder: string) {
    this.#state = state;
    this.beside = new BesideFiles(homeFolder);
  }

  /** By id, or by a beginning of it that fits one only, with or without its `run_`. Throws HostError `unknown-run`. */
  get(idOrBeginning: string): RunRow {
    const rows = this.#all(`WHERE id = ?`, idOrBeginning);
    const begun = idOrBeginning.startsWith(RUN_ID_PREFIX)
      ? idOrBeginning
      : `${RUN_ID_PREFIX}${idOrBeginning}`;
    const found =
      rows.length > 0 ? rows : this.#all('WHERE substr(id, 1, ?) = ? LIMIT 10', begun.length, begun);
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    throw found.length === 0
      ? unknownRun(idOrBeginning)
      : new HostError(
          'unknown-run',
          `"${idOrBeginning}" fits ${found.length} runs: ${found.map(({ run }) => run.id).join(', ')}. Write more of it.`,
        );
  }

  /** The latest first. */
  list({ project, sessionId, limit = -1 }: RunFilter = {}): readonly RunRow[] {
    return this.#all(
      `WHERE (:project IS NULL OR project = :project) AND (:session IS NULL OR session_id = :session)
       ORDER BY created_ms DESC, key DESC LIMIT :limit`,
      { project: project ?? null, session: sessionId ?? null, limit },
    );
  }

  /** For each run the shortest beginning that finds it, by its id. */
  shortIds(): ReadonlyMap<string, string> {
    const rows = this.#state.use(() => this.#state.database.prepare('SELECT id FROM runs').all());
    return shortIds(rows.map((row) => String(row['id'])));
  }

  read(runId: string): StoredRun {
    const row = this.get(runId);
    return { run: row.run, status: row.status, rows: () => this.rows(row) };
  }

  /** In order. Rows that are added meanwhile may be among them. */
  *rows(run: Pick<RunRow, 'key' | 'run'>): Generator<JournalRow> {
    for (const { row } of this.#rows(run, 'WHERE run = ?')) yield row;
  }

  /** Of the events of a run, those that stand behind its row of that number. */
  events(run: Pick<RunRow, 'key' | 'run'>, behindRow = 0): readonly EventOfRow[] {
    const rows = [...this.#rows(run, "WHERE run = ? AND number > ? AND type = 'event'", behindRow)];
    return rows.flatMap(({ rowNumber, row }) =>
      row.type === 'event' ? { rowNumber, event: row.event } : [],
    );
  }

  /** Runs of a config and folder that can go on, unless a live host is at work on them. */
  adoptable(configFile: string | undefined, project: string): readonly RunRow[] {
    return this.#all(
      `WHERE config_file IS ? AND project = ? AND (status = 'running'
         OR (status = 'suspended' AND reason IN ('unstarted', 'closing', 'journal-unavailable', 'lost'))
         OR (status = 'waiting' AND (wake_ms <= ? OR (SELECT count(*) FROM signals WHERE run = key) > signals_seen)))
       ORDER BY key`,
      configFile ?? null,
      project,
      Date.now(),
    );
  }

  /** How many runs of an actor have not ended. */
  openCount(actor: string): number {
    const row = this.#state.use(() =>
      this.#state.database
        .prepare(
          "SELECT count(*) AS count FROM runs WHERE actor = ? AND status IN ('running', 'waiting', 'suspended')",
        )
        .get(actor),
    );
    return Number(row?.['count'] ?? 0);
  }

  lastNumber(key: number): number {
    const { database } = this.#state;
    const row = this.#state.use(() =>
      database.prepare('SELECT max(number) AS last FROM journal WHERE run = ?').get(key),
    );
    return Number(row?.['last'] ?? 0);
  }

  signals(key: number, name: string): readonly string[] {
    return this.#state.use(() =>
      this.#state.database
        .prepare('SELECT value FROM signals WHERE run = ? AND name = ? ORDER BY number')
        .all(key, name)
        .map((row) => String(row['value'])),
    );
  }

  /** Wakes what waits for it, in whichever process. Throws HostError `unknown-run`, `run-ended`. */
  signal(runId: string, name: string, value: string): void {
    const { key, run, status } = this.get(runId);
    if (isEnded(status)) throw runEnded(run.id, status);
    this.#state.use(() =>
      this.#state.database
        .prepare('INSERT INTO signals (run, name, value, at_ms) VALUES (?, ?, ?, ?)')
        .run(key, name, value, Date.now()),
    );
  }

  /** Asks whoever owns it to cancel it. */
  requestCancel(key: number, reason: string): void {
    this.#state.use(() =>
      this.#state.database
        .prepare('UPDATE runs SET cancel_reason = ?, updated_ms = ? WHERE key = ?')
        .run(reason, Date.now(), key),
    );
  }

  *#rows(
    { key, run }: Pick<RunRow, 'key' | 'run'>,
    where: string,
    ...values: Value[]
  ): Generator<{ readonly rowNumber: number; readonly row: JournalRow }> {
    const readBeside = (number: number): string => this.beside.read(run.id, number);
    try {
      const statement = this.#state.database.prepare(
        `SELECT number, type, path, ordinal, name, body, failed, at_ms, duration_ms FROM journal ${where} ORDER BY number`,
      );
      for (const columns of statement.iterate(key, ...values))
        yield { rowNumber: Number(columns['number']), row: decodeRow(run.id, columns, readBeside) };
    } catch (error) {
      throw storeFailure(error, this.#state.file);
    }
  }

  #all(where: string, ...values: Value[] | [Readonly<Record<string, Value>>]): RunRow[] {
    return this.#state.use(() =>
      this.#state.database
        .prepare(`SELECT ${RUN_COLUMNS} FROM runs ${where}`)
        // One overload takes names and one takes values; a union of both fits neither.
        .all(...(values as Value[]))
        .map(runRowOf),
    );
  }
}

export interface EventOfRow {
  readonly rowNumber: number;
  readonly event: StoredEvent;
}

type Value = string | number | null;

export interface RunFilter {
  /** The folder. */
  readonly project?: string;
  readonly sessionId?: string;
  readonly limit?: number;
}

function unknownRun(id: string): HostError {
  return new HostError(
    'unknown-run',
    `There is no run "${id}". "switchyard runs list --all" lists those that there are.`,
  );
}
