/** A person's project with a memory of its own, and as many hosts over it as a test wants, one after the other. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, vi } from 'vitest';

import type { StdioDefinition } from '../../../src/config/server-definition.ts';
import type { RunEvent, StoredEvent } from '../../../src/host/event.ts';
import { requireEmbedder } from '../../fixtures/embedder.ts';
import { openTestHost, type TestHost, type TestHostOptions } from '../../fixtures/open-host.ts';
import { RUNNER, startServer, type StartedServer } from '../../fixtures/start-server.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { COMPILE_CACHE } from '../../fixtures/compile-cache.ts';

export interface MemoryWorld extends AsyncDisposable {
  readonly folder: string;
  /** The built-in memory server of this project, as a config comes to it. */
  readonly definition: StdioDefinition;
  open(options: TestHostOptions): Promise<TestHost>;
  /** Resolves when every memory can be found by its meaning, where there is an embedder. */
  embedded(): Promise<void>;
  /** The same memory by a client of its own. */
  server(): Promise<StartedServer>;
}

/** A test waits for a busy machine; those on time limits set their own. */
const PATIENT = { recallTimeoutMs: 30_000, startTimeoutMs: 30_000 };

export async function openMemoryWorld(options: { readonly embedder?: boolean } = {}): Promise<MemoryWorld> {
  const folder = await temporaryFolder('host-memory');
  const project = join(folder.path, 'project');
  for (const path of [project, join(folder.path, 'home')]) await mkdir(path);
  const env = {
    ...COMPILE_CACHE,
    SWITCHYARD_HOME: join(folder.path, 'home'),
    SWITCHYARD_EMBEDDER: options.embedder === true ? requireEmbedder() : join(folder.path, 'none'),
  };
  const definition: StdioDefinition = {
    name: 'memory',
    type: 'stdio',
    builtin: 'memory',
    command: process.execPath,
    args: [RUNNER, 'memory', '--project', project],
    env,
    disabled: false,
    start: 'on-use',
    trust: 'annotations',
    timeoutMs: 30_000,
    tools: {},
  };
  const started: StartedServer[] = [];
  return {
    folder: folder.path,
    definition,
    open: (hostOptions) =>
      openTestHost({
        home: join(folder.path, 'home'),
        workingFolder: project,
        approvals: [],
        servers: [definition],
        ...hostOptions,
        memory: { ...PATIENT, ...hostOptions.memory },
      }),
    embedded: async () => {
      if (options.embedder !== true) return;
      await using server = await startServer('memory', { args: ['--project', project], env });
      await vi.waitFor(
        async () => {
          const { structured } = await server.call('recall', { query: 'anything at all' });
          expect(structured['note']).toBeUndefined();
        },
        { timeout: 30_000, interval: 100 },
      );
    },
    server: async () => {
      const server = await startServer('memory', { args: ['--project', project], env });
      started.push(server);
      return server;
    },
    async [Symbol.asyncDispose]() {
      for (const server of started) await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The one event of a type, which must be there. */
export function eventOf<Type extends StoredEvent['type']>(
  events: readonly RunEvent[],
  type: Type,
): Extract<StoredEvent, { type: Type }> {
  const found = events.find((event): event is Extract<StoredEvent, { type: Type }> => event.type === type);
  if (found === undefined)
    throw new Error(`No ${type} among ${events.map((event) => event.type).join(', ')}`);
  return found;
}
