import { lstat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';

import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { READ_ONLY, answer, toolResult } from '../tool.ts';
import type { FilesystemContext } from './context.ts';
import { codeOf, fileError } from './file-error.ts';
import { formatBytes } from './file-type.ts';
import { entryTypeOf, readSorted } from './folder-entries.ts';
import { holdFolder } from './open-file.ts';
import { locateExisting } from './roots.ts';
import type { Location, Roots } from './roots.ts';

const MAX_ENTRIES = 1_000;

const DESCRIPTION = `Lists what a folder holds: names, kinds, sizes and times of change, sorted by name; at most ${MAX_ENTRIES} entries at once (go on with startAt). For folders within folders use directory_tree.`;

const input = z.object({
  path: z.string().default('.').describe('The folder. Default: the first root.'),
  startAt: z.int().min(0).default(0).describe('How many entries to leave out at the beginning.'),
});

const entry = z.object({
  name: z.string(),
  type: z.enum(['file', 'directory', 'symlink', 'other']),
  sizeBytes: z.number().optional().describe('Only of files.'),
  modified: z.string().optional().describe('Last change, ISO 8601.'),
});

const output = z.object({
  path: z.string(),
  entries: z.array(entry),
  totalEntries: z.number(),
  nextStartAt: z.number().optional().describe('Present when there are more entries.'),
});

type Entry = z.infer<typeof entry>;

export function registerListDirectory(server: McpServer, { roots, log }: FilesystemContext): void {
  server.registerTool(
    'list_directory',
    {
      title: 'List folder',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ path, startAt }) =>
      answer(log, async () => {
        const location = await locateExisting(roots, path);
        const { entries, totalEntries } = await listFolder(roots, location, startAt);
        const end = startAt + entries.length;
        const next = end < totalEntries ? { nextStartAt: end } : {};
        return toolResult(
          { path: location.shown, entries, totalEntries, ...next },
          textOf(location.shown, entries, totalEntries, startAt),
        );
      }),
  );
}

async function listFolder(
  roots: Roots,
  location: Location,
  startAt: number,
): Promise<{ entries: Entry[]; totalEntries: number }> {
  await using held = await holdFolder(roots, location);
  const names = await readSorted(held.path).catch((error: unknown) => {
    throw fileError(error, location.shown);
  });
  const entries: Entry[] = [];
  for (const dirent of names.slice(startAt, startAt + MAX_ENTRIES)) {
    entries.push(await describe(join(held.path, dirent.name), dirent));
  }
  return { entries, totalEntries: names.length };
}

async function describe(path: string, dirent: Dirent): Promise<Entry> {
  const named = { name: dirent.name, type: entryTypeOf(dirent) };
  try {
    const stats = await lstat(path);
    const size = stats.isFile() ? { sizeBytes: stats.size } : {};
    return { ...named, ...size, modified: stats.mtime.toISOString() };
  } catch (error) {
    // It went away since the folder was read, or may not be looked at: its name is all there is to tell.
    if (codeOf(error) !== undefined) return named;
    throw error;
  }
}

function textOf(shown: string, entries: readonly Entry[], totalEntries: number, startAt: number): string {
  if (totalEntries === 0) return `${shown} is empty.`;
  const lines = entries.map(({ name, type, sizeBytes }) => {
    if (type === 'directory') return `${name}/`;
    if (type === 'file') return `${name}  ${formatBytes(sizeBytes ?? 0)}`;
    return `${name}  (${type})`;
  });
  const end = startAt + entries.length;
  const rest = end < totalEntries ? `; go on with startAt ${end}` : '';
  const range = entries.length === totalEntries ? '' : `, ${startAt + 1} to ${end} shown${rest}`;
  return `${shown}: ${totalEntries} entries${range}\n${lines.join('\n')}`;
}
