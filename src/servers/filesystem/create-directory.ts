import { stat } from 'node:fs/promises';

import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { HostError } from '../../errors.ts';
import { answer, toolResult } from '../tool.ts';
import type { FilesystemContext } from './context.ts';
import { makeFolder } from './make-folder.ts';
import { locateForWriting } from './roots.ts';

const DESCRIPTION =
  'Creates a folder and any missing parents. It is no error when the folder exists already.';

const input = z.object({
  path: z.string().describe('The folder. Relative paths count from the first root.'),
});

const output = z.object({
  path: z.string(),
  created: z.boolean().describe('False when it existed already.'),
});

export function registerCreateDirectory(server: McpServer, { roots, log }: FilesystemContext): void {
  const annotations = {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  };
  server.registerTool(
    'create_directory',
    {
      title: 'Create folder',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations,
    },
    ({ path }) =>
      answer(log, async () => {
        const location = await locateForWriting(roots, path);
        if (location.exists && !(await stat(location.real)).isDirectory()) {
          throw new HostError(
            'EEXIST',
            `'${location.shown}' exists already and is a file. Choose another name.`,
          );
        }
        const created = !location.exists && (await makeFolder(roots, location));
        const text = created
          ? `Created the folder ${location.shown}.`
          : `The folder ${location.shown} existed already.`;
        return toolResult({ path: location.shown, created }, text);
      }),
  );
}
