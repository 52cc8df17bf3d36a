import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { READ_ONLY, answer, toolResult } from '../tool.ts';
import type { FilesystemContext } from './context.ts';

const DESCRIPTION =
  'Lists the folders that this server may use. Relative paths of every other tool count from the first; nothing outside them can be reached.';

const output = z.object({
  roots: z.array(z.object({ path: z.string() })),
  readOnly: z.boolean().describe('True when nothing can be written.'),
});

export function registerListRoots(server: McpServer, { roots, log }: FilesystemContext): void {
  server.registerTool(
    'list_roots',
    {
      title: 'Roots',
      description: DESCRIPTION,
      inputSchema: z.object({}),
      outputSchema: output,
      annotations: READ_ONLY,
    },
    () =>
      answer(log, async () => {
        const { folders, readOnly } = roots;
        const mode = readOnly ? 'Read only.' : 'Read and write.';
        return toolResult(
          { roots: folders.map((path) => ({ path })), readOnly },
          `${folders.join('\n')}\n${mode}`,
        );
      }),
  );
}
