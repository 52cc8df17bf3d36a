/** The shipped retrieval server as a process of its own, asked over stdio. */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { Client, type RequestOptions } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { type DocumentSet, writeFiles } from './data.ts';

export const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'switchyard.js');

const INGEST_TIMEOUT_MS = 3_600_000;
const MOST_PASSAGES = 50;

export type Mode = 'lexical' | 'vector' | 'fused';

export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  /** Indexes the whole project. */
  ingest(): Promise<{ readonly passages: number; readonly ms: number }>;
  /** File names of documents, best first, each once, however many of its passages were found; and the time of the call. */
  search(query: string, mode: Mode): Promise<{ readonly documents: readonly string[]; readonly ms: number }>;
}

export interface Workspace extends Disposable {
  /** The documents. */
  readonly project: string;
  /** The program's state. */
  readonly home: string;
}

/** In the folder that is kept, or in one that is removed at the end. */
export function openWorkspace(collection: DocumentSet, kept?: string): Workspace {
  const folder =
    kept === undefined
      ? mkdtempSync(join(tmpdir(), 'switchyard-bench-'))
      : join(resolve(kept), collection.name);
  const project = join(folder, 'project');
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFiles(collection, project);
  return {
    project: realpathSync(project),
    home,
    [Symbol.dispose]: () => {
      if (kept === undefined && existsSync(folder)) rmSync(folder, { recursive: true, maxRetries: 5 });
    },
  };
}

/** What the program is told: its home folder, and the embedder where one is named for this run. */
export function programEnvironment(home: string): Record<string, string> {
  const embedder = process.env['SWITCHYARD_EMBEDDER'];
  return { SWITCHYARD_HOME: home, ...(embedder !== undefined && { SWITCHYARD_EMBEDDER: embedder }) };
}

export async function startServer({
  project,
  home,
}: Pick<Workspace, 'project' | 'home'>): Promise<RunningServer> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, 'server', 'retrieval', '--project', project],
    env: { ...getDefaultEnvironment(), ...programEnvironment(home) },
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n'))
      if (/"level":"(warn|error)"/.test(line)) console.error(line);
  });
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(transport);
  const call = async (
    name: string,
    args: Record<string, unknown>,
    options: RequestOptions = {},
  ): Promise<{ readonly structured: Record<string, unknown>; readonly ms: number }> => {
    const start = performance.now();
    const result = await client.callTool({ name, arguments: args }, options);
    const ms = performance.now() - start;
    if (result.isError === true) throw new Error(`${name} failed: ${JSON.stringify(result.content)}`);
    return { structured: result.structuredContent as Record<string, unknown>, ms };
  };
  return {
    pid: transport.pid ?? Number.NaN,
    ingest: async () => {
      const { structured, ms } = await call('ingest', { paths: ['.'] }, { timeout: INGEST_TIMEOUT_MS });
      if (typeof structured['note'] === 'string') throw new Error(structured['note']);
      return { passages: Number(structured['chunks']), ms };
    },
    search: async (query, mode) => {
      const { structured, ms } = await call('search', { query, mode, limit: MOST_PASSAGES });
      if (structured['mode'] !== mode)
        throw new Error(`Searched by ${String(structured['mode'])}, not ${mode}.`);
      const passages = structured['passages'] as readonly { readonly source: string }[];
      return { documents: [...new Set(passages.map(({ source }) => basename(source)))], ms };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
