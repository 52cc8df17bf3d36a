/** A project folder with its state folder beside it, and as many retrieval servers over it as a test wants. */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

import { vi, expect } from 'vitest';

import { requireEmbedder } from '../../fixtures/embedder.ts';
import { processesWith } from '../../fixtures/processes.ts';
import { startServer } from '../../fixtures/start-server.ts';
import type { StartedServer } from '../../fixtures/start-server.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

type Row = Readonly<Record<string, SQLOutputValue>>;

export interface World extends AsyncDisposable {
  readonly project: string;
  readonly home: string;
  /** Writes a file below the project, with its folders, and returns its path. */
  put(path: string, content: string | Uint8Array): Promise<string>;
  /** `home` may be another one, which has a collection of its own of the same project. */
  start(options?: { readonly args?: readonly string[]; readonly home?: string }): Promise<StartedServer>;
  /** Rows of the collection's database, read by another program. */
  rows(select: string, home?: string): Promise<readonly Row[]>;
  /** The files of the state folder that hold one of the texts. */
  filesWith(...texts: readonly string[]): Promise<readonly string[]>;
}

export async function openWorld(
  options: { readonly embedder?: boolean; readonly files?: Readonly<Record<string, string>> } = {},
): Promise<World> {
  const folder = await temporaryFolder('retrieval');
  const project = join(folder.path, 'project');
  const home = join(folder.path, 'home');
  for (const path of [project, home]) await mkdir(path);
  // A file where a folder is wanted: the embedder is missing and cannot be fetched into its place either.
  const nowhere = join(folder.path, 'no-embedder');
  await writeFile(nowhere, '');
  const embedder = options.embedder === true ? requireEmbedder() : join(nowhere, 'model');
  const started: StartedServer[] = [];
  const put = async (path: string, content: string | Uint8Array): Promise<string> => {
    const full = join(project, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, content);
    return full;
  };
  for (const [path, content] of Object.entries(options.files ?? {})) await put(path, content);
  return {
    project,
    home,
    put,
    start: async ({ args = [], home: own = home } = {}) => {
      const server = await startServer('retrieval', {
        args: ['--project', project, ...args],
        // Without a PATH no pip is found.
        env: { SWITCHYARD_HOME: own, SWITCHYARD_EMBEDDER: embedder, PATH: '' },
      });
      started.push(server);
      return server;
    },
    rows: async (select, own = home) => {
      using database = new DatabaseSync(await storeFile(own), { readOnly: true, timeout: 10_000 });
      return database.prepare(select).all();
    },
    filesWith: async (...texts) => {
      const files = await contentsBelow(join(home, 'servers'));
      return [...files]
        .filter(([, content]) => texts.some((text) => content.includes(text)))
        .map(([file]) => file);
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of started) await server[Symbol.asyncDispose]();
      await vi.waitFor(async () => expect(await processesWith('embedder-process', folder.path)).toEqual([]), {
        timeout: 20_000,
        interval: 50,
      });
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The database of the one collection of a state folder. */
export async function storeFile(home: string): Promise<string> {
  const entries = await readdir(join(home, 'servers'), { recursive: true });
  const file = entries.find((entry) => entry.endsWith('store.db'));
  if (file === undefined) throw new Error(`There is no store.db below ${home}.`);
  return join(home, 'servers', file);
}

/** Reads once more when a file went away in between, as the index's do that is brought up to date meanwhile. */
async function contentsBelow(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  for (;;) {
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file)] as const)));
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw error;
    }
  }
}
