import { join } from 'node:path';

import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { READ_ONLY, answer, toolResult } from '../tool.ts';
import type { FilesystemContext } from './context.ts';
import { codeOf } from './file-error.ts';
import { IGNORED_FOLDERS } from './ignored-folders.ts';
import { entryTypeOf, readSorted } from './folder-entries.ts';
import { holdFolder } from './open-file.ts';
import { locateExisting } from './roots.ts';
import type { Location, Roots } from './roots.ts';

const DESCRIPTION = `Shows the folders and files below a folder as an indented tree, near ones first. Symbolic links and folders of tools (such as .git and node_modules) are named but not entered; what depth or maxEntries leave out is counted.`;

const input = z.object({
  path: z.string().default('.').describe('The folder. Default: the first root.'),
  depth: z.int().min(1).max(20).default(3).describe('How many levels to go down.'),
  maxEntries: z.int().min(1).max(5_000).default(500).describe('How many files and folders to show at most.'),
});

const output = z.object({
  path: z.string(),
  entries: z.array(
    z.object({
      path: z.string().describe('Relative to the folder.'),
      type: z.enum(['file', 'directory', 'symlink', 'other']),
      notEntered: z.enum(['ignored', 'depth', 'limit', 'unreadable']).optional(),
    }),
  ),
  truncated: z.boolean().describe('True when depth or maxEntries left something out.'),
});

type TreeEntry = z.infer<typeof output>['entries'][number];

export function registerDirectoryTree(server: McpServer, { roots, log }: FilesystemContext): void {
  server.registerTool(
    'directory_tree',
    {
      title: 'Folder tree',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ path, depth, maxEntries }, context) =>
      answer(log, async () => {
        const location = await locateExisting(roots, path);
        const tree = await readTree(roots, location, { depth, maxEntries, signal: context.mcpReq.signal });
        const { entries, cutBy } = tree;
        const truncated = cutBy.length > 0;
        const note = truncated
          ? `\n[Not everything is shown: ${cutBy.join(' and ')}. Ask for a folder below, or raise the limit.]`
          : '';
        const text = `${location.shown}/\n${render(entries)}${note}`;
        return toolResult({ path: location.shown, entries, truncated }, text);
      }),
  );
}

/** Level by level, so that a limit cuts the far parts and not whatever sorts last; returned in the order of a tree. */
async function readTree(
  roots: Roots,
  top: Location,
  { depth, maxEntries, signal }: { depth: number; maxEntries: number; signal: AbortSignal },
): Promise<{ entries: TreeEntry[]; cutBy: string[] }> {
  const cut = { depth: false, limit: false };
  const children = new Map<string, TreeEntry[]>();
  let count = 0;
  let level: { entry: TreeEntry | undefined; path: string }[] = [{ entry: undefined, path: '' }];
  for (let below = 1; level.length > 0; below += 1) {
    const next: typeof level = [];
    for (const folder of level) {
      signal.throwIfAborted();
      const reason = below > depth ? 'depth' : count >= maxEntries ? 'limit' : undefined;
      if (reason !== undefined && folder.entry !== undefined) {
        folder.entry.notEntered = reason;
        cut[reason] = true;
        continue;
      }
      const found = await readLevel(roots, top, folder.path);
      if (found === undefined) {
        if (folder.entry !== undefined) folder.entry.notEntered = 'unreadable';
        continue;
      }
      const kept = found.slice(0, maxEntries - count);
      if (kept.length < found.length) {
        cut.limit = true;
        if (folder.entry !== undefined) folder.entry.notEntered = 'limit';
      }
      count += kept.length;
      children.set(folder.path, kept);
      for (const entry of kept) {
        if (entry.type === 'directory' && entry.notEntered === undefined)
          next.push({ entry, path: entry.path });
      }
    }
    level = next;
  }
  const cutBy = [
    ...(cut.depth ? [`depth is ${depth}`] : []),
    ...(cut.limit ? [`maxEntries is ${maxEntries}`] : []),
  ];
  return { entries: flatten(children, ''), cutBy };
}

/** Undefined where the folder cannot be read. */
async function readLevel(roots: Roots, top: Location, path: string): Promise<TreeEntry[] | undefined> {
  const location = { real: join(top.real, path), shown: join(top.shown, path), exists: true };
  try {
    await using held = await holdFolder(roots, location);
    return (await readSorted(held.path)).map((dirent) => ({
      path: path === '' ? dirent.name : `${path}/${dirent.name}`,
      type: entryTypeOf(dirent),
      ...(dirent.isDirectory() && IGNORED_FOLDERS.has(dirent.name) && { notEntered: 'ignored' as const }),
    }));
  } catch (error) {
    if (path === '' || codeOf(error) === undefined) throw error;
    return undefined;
  }
}

function flatten(children: ReadonlyMap<string, readonly TreeEntry[]>, path: string): TreeEntry[] {
  return (children.get(path) ?? []).flatMap((entry) => [entry, ...flatten(children, entry.path)]);
}

const NOT_ENTERED = {
  ignored: ' (not entered)',
  depth: ' (deeper)',
  limit: ' (more than shown)',
  unreadable: ' (cannot be read)',
} as const;

function render(tree: readonly TreeEntry[]): string {
  return tree
    .map(({ path, type, notEntered }) => {
      const parts = path.split('/');
      const mark = type === 'directory' ? '/' : type === 'file' ? '' : ` (${type})`;
      return `${'  '.repeat(parts.length)}${parts.at(-1)}${mark}${notEntered === undefined ? '' : NOT_ENTERED[notEntered]}`;
    })
    .join('\n');
}
