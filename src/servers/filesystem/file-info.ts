import { lstat, readlink } from 'node:fs/promises';
import type { Stats } from 'node:fs';

import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { READ_ONLY, answer, toolResult } from '../tool.ts';
import type { FilesystemContext } from './context.ts';
import { fileError, missingError } from './file-error.ts';
import { fileTypeOf, formatBytes } from './file-type.ts';
import { entryTypeOf } from './folder-entries.ts';
import { openFile } from './open-file.ts';
import { locate, locateEntry, showPath } from './roots.ts';
import type { Location, Roots } from './roots.ts';
import { sniffEncoding } from './text-encoding.ts';

const HEAD_BYTES = 8_192;

const DESCRIPTION =
  'Tells about a file, folder or symbolic link: kind, size, times, permissions, and whether a file is text or which binary type.';

const input = z.object({ path: z.string().describe('Relative paths count from the first root.') });

const output = z.object({
  path: z.string(),
  type: z.enum(['file', 'directory', 'symlink', 'other']),
  sizeBytes: z.number(),
  modified: z.string().describe('ISO 8601.'),
  created: z
    .string()
    .describe('ISO 8601; where the file system does not keep it, the time of the last change.'),
  permissions: z.string().describe('As octal digits, such as 644.'),
  content: z.string().optional().describe('Of a file: its text encoding or media type.'),
  linksTo: z.string().optional().describe('Of a symbolic link: what it names.'),
  linkLeadsOutside: z
    .boolean()
    .optional()
    .describe('Of a symbolic link: true when this server will not follow it.'),
});

export function registerFileInfo(server: McpServer, { roots, log }: FilesystemContext): void {
  server.registerTool(
    'file_info',
    {
      title: 'File information',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ path }) =>
      answer(log, async () => {
        const location = await locateEntry(roots, path);
        if (!location.exists) throw await missingError(location.real, path, (real) => showPath(roots, real));
        const stats = await lstat(location.real).catch((error: unknown) => {
          throw fileError(error, location.shown);
        });
        const facts = {
          path: location.shown,
          type: entryTypeOf(stats),
          sizeBytes: stats.size,
          modified: stats.mtime.toISOString(),
          created: stats.birthtime.toISOString(),
          permissions: (stats.mode & 0o7777).toString(8).padStart(3, '0'),
          ...(await contentOf(roots, location, stats)),
        };
        const lines = Object.entries({ ...facts, size: formatBytes(stats.size) });
        return toolResult(facts, lines.map(([name, value]) => `${name}: ${value}`).join('\n'));
      }),
  );
}

async function contentOf(roots: Roots, location: Location, stats: Stats) {
  if (stats.isSymbolicLink()) {
    const linksTo = await readlink(location.real);
    return { linksTo, linkLeadsOutside: !(await canFollow(roots, location)) };
  }
  if (!stats.isFile()) return {};
  await using file = await openFile(roots, location);
  const head = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await file.handle.read(head, 0, HEAD_BYTES, 0);
  const bytes = head.subarray(0, bytesRead);
  const encoding = sniffEncoding(bytes);
  const type =
    fileTypeOf(bytes)?.mimeType ??
    (encoding === undefined ? 'application/octet-stream' : `text, ${encoding}`);
  return { content: type };
}

async function canFollow(roots: Roots, location: Location): Promise<boolean> {
  return locate(roots, location.real).then(
    () => true,
    () => false,
  );
}
