import { lstat } from 'node:fs/promises';

import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { HostError } from '../../errors.ts';
import { answer, toolResult } from '../tool.ts';
import { writeAtomically } from './atomic-write.ts';
import type { FilesystemContext } from './context.ts';
import { codeOf, fileError } from './file-error.ts';
import { formatBytes } from './file-type.ts';
import { makeFolder } from './make-folder.ts';
import { locateForWriting, parentOf } from './roots.ts';
import type { Location } from './roots.ts';

const MAX_WRITE_BYTES = 64 * 1024 * 1024;

const DESCRIPTION = `Writes a whole text file as UTF-8, replacing what was there, and creates missing parent folders. The file is replaced in one step: a failure leaves the old content whole. To change a part of a file use edit_file.`;

const input = z.object({
  path: z.string().describe('The file. Relative paths count from the first root.'),
  content: z.string().describe('The complete new content.'),
});

const output = z.object({
  path: z.string(),
  sizeBytes: z.number(),
  created: z.boolean().describe('False when a file was replaced.'),
});

export function registerWriteFile(server: McpServer, { roots, log }: FilesystemContext): void {
  const annotations = {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  };
  server.registerTool(
    'write_file',
    { title: 'Write file', description: DESCRIPTION, inputSchema: input, outputSchema: output, annotations },
    ({ path, content }) =>
      answer(log, async () => {
        const bytes = Buffer.from(content, 'utf8');
        if (bytes.length > MAX_WRITE_BYTES) {
          throw new HostError(
            'too-large',
            `The content has ${formatBytes(bytes.length)}; at most ${formatBytes(MAX_WRITE_BYTES)} can be written at once. Write several files.`,
          );
        }
        await makeFolder(roots, parentOf(roots, await locateForWriting(roots, path)));
        // The folders exist by now, so what this resolves to is where the file goes.
        const location = await locateForWriting(roots, path);
        const created = !(await isRegularFile(location));
        await writeAtomically(roots, location, bytes);
        const facts = { path: location.shown, sizeBytes: bytes.length, created };
        return toolResult(
          facts,
          `${created ? 'Created' : 'Replaced'} ${location.shown} (${formatBytes(bytes.length)}).`,
        );
      }),
  );
}

/** False when there is nothing. Throws a HostError when there is something that is no regular file. */
async function isRegularFile(location: Location): Promise<boolean> {
  try {
    const stats = await lstat(location.real);
    if (stats.isFile()) return true;
    const kind = stats.isDirectory() ? 'a folder' : 'a pipe, socket or device';
    throw new HostError(
      'not-a-file',
      `'${location.shown}' is ${kind}, so it is not replaced. Choose another name.`,
    );
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw fileError(error, location.shown);
  }
}
