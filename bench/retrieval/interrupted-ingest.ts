/** Whether documents have the same passages under the same ids when the server was killed while it indexed them. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';

import { commandLine } from './command-line.ts';
import type { DocumentSet } from './data.ts';
import { openWorkspace, startServer, type Workspace } from './running-server.ts';

export interface InterruptedIngest {
  /** What was stored after each kill, and at the end. */
  readonly afterKill: readonly Stored[];
  readonly complete: Stored;
  /** Of the passages, in comparison with an ingest that nothing disturbed. */
  readonly equalIds: boolean;
}

export interface Stored {
  readonly documents: number;
  readonly passages: number;
  readonly vectors: number;
}

type Place = Pick<Workspace, 'project' | 'home'>;

const POLL_MS = 2;

/** Kills the server by SIGKILL twice: among the files, and among the vectors. The rest is the command line's. */
export async function interruptIngest(documents: DocumentSet): Promise<InterruptedIngest> {
  using workspace = openWorkspace(documents);
  await commandLine(workspace).ingest();
  // The same folder with another home: ids depend on the documents' place and content.
  const interrupted: Place = { project: workspace.project, home: join(workspace.home, 'interrupted') };
  mkdirSync(interrupted.home);
  const half = documents.files.size / 2;
  const amongFiles = await killWhen((stored) => stored.documents >= half, interrupted);
  const amongVectors = await killWhen(({ vectors }) => vectors > 0, interrupted);
  await commandLine(interrupted).ingest();
  return {
    afterKill: [amongFiles, amongVectors],
    complete: storedIn(interrupted),
    equalIds: idsIn(interrupted).join() === idsIn(workspace).join(),
  };
}

/** What is stored after the kill. Rejects when the server finished before its moment came. */
async function killWhen(moment: (stored: Stored) => boolean, place: Place): Promise<Stored> {
  await using server = await startServer(place);
  const ended = { killed: false, finished: false };
  const ingest = server.ingest().then(
    () => {
      ended.finished = true;
    },
    (error: unknown) => {
      if (!ended.killed) throw error;
    },
  );
  while (!ended.killed && !ended.finished) {
    if (moment(storedIn(place))) {
      ended.killed = true;
      process.kill(server.pid, 'SIGKILL');
    } else {
      await Promise.race([ingest, wait(POLL_MS)]);
    }
  }
  await ingest;
  if (ended.finished) throw new Error('The server had indexed everything before it could be killed.');
  return storedIn(place);
}

function storedIn(place: Place): Stored {
  const count = (table: string): number =>
    Number(select(place, `SELECT count(*) AS n FROM ${table}`)[0]?.['n'] ?? 0);
  return { documents: count('documents'), passages: count('chunks'), vectors: count('vectors') };
}

function idsIn(place: Place): readonly string[] {
  return select(place, 'SELECT id FROM chunks ORDER BY id').map((row) => String(row['id']));
}

/** Read from the store itself; nothing where it has no tables yet. */
function select({ home }: Place, statement: string): readonly Record<string, unknown>[] {
  const folder = join(home, 'servers', 'retrieval');
  const projects = existsSync(folder) ? readdirSync(folder) : [];
  const file = join(folder, projects[0] ?? '', 'store.db');
  if (!existsSync(file)) return [];
  using database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  const isReady = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'vectors'").get() !== undefined;
  return isReady ? database.prepare(statement).all() : [];
}
