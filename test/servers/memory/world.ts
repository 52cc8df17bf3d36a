/** A project with a memory of its own, and as many memory servers over it as a test wants. */
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startServer } from '../../fixtures/start-server.ts';
import type { StartedServer } from '../../fixtures/start-server.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const EMBEDDER =
  process.env['SWITCHYARD_EMBEDDER'] ??
  fileURLToPath(new URL('../../../.switchyard/models/all-MiniLM-L6-v2-int8', import.meta.url));

export interface World extends AsyncDisposable {
  readonly project: string;
  /** Holds the data of the memory servers and nothing else. */
  readonly data: string;
  start(project?: string): Promise<StartedServer>;
  /** Every file below `data` that holds one of the texts, as UTF-8 or UTF-16. */
  filesWith(...texts: readonly string[]): Promise<readonly string[]>;
}

export async function openWorld(options: { readonly embedder?: boolean } = {}): Promise<World> {
  const folder = await temporaryFolder('memory');
  const home = join(folder.path, 'home');
  const project = join(folder.path, 'project');
  const data = join(home, 'servers', 'memory');
  const embedder = options.embedder === true ? EMBEDDER : join(folder.path, 'no-embedder');
  for (const path of [home, project]) await mkdir(path, { recursive: true });
  const started: StartedServer[] = [];
  return {
    project,
    data,
    start: async (of = project) => {
      const env = { SWITCHYARD_HOME: home, SWITCHYARD_EMBEDDER: embedder };
      await mkdir(of, { recursive: true });
      const server = await startServer('memory', { args: ['--project', of], env });
      started.push(server);
      return server;
    },
    filesWith: async (...texts) => {
      const needles = texts.flatMap((text) => [Buffer.from(text), Buffer.from(text, 'utf16le')]);
      const files = await readAll(data);
      return [...files]
        .filter(([file, bytes]) =>
          needles.some((needle) => bytes.includes(needle) || Buffer.from(file).includes(needle)),
        )
        .map(([file]) => file);
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of started) await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Reads once more when a file went away in between, as the index's do that is brought up to date meanwhile. */
async function readAll(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  for (;;) {
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      const contents = files.map(async (file) => [file, await readFile(file)] as const);
      return new Map(await Promise.all(contents));
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw error;
    }
  }
}
