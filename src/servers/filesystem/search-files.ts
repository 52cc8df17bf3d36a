import { stat } from 'node:fs/promises';

import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { HostError } from '../../errors.ts';
import { READ_ONLY, answer, progressReporter, toolResult } from '../tool.ts';
import type { FilesystemContext } from './context.ts';
import { locateExisting } from './roots.ts';
import { runSearch, skippedNotes, stoppedNote } from './search.ts';
import type { NameMatch } from './search-contract.ts';

const DESCRIPTION = `Finds files and folders by name with a glob pattern, such as *.md, src/**/*.test.ts or {a,b}*.json. A pattern without / is matched against names in every folder, one with / against the path below the searched folder. Symbolic links are not followed; folders of tools such as .git and node_modules are not entered unless includeIgnored is true. To look inside files use search_content.`;

const input = z.object({
  pattern: z
    .string()
    .min(1)
    .max(1_000)
    .describe('Glob: * any characters of a name, ** any folders, ? one character, {a,b}, [a-z].'),
  path: z.string().default('.').describe('The folder to search. Default: the first root.'),
  maxResults: z.int().min(1).max(5_000).default(200),
  includeIgnored: z.boolean().default(false).describe('Also search folders of tools such as node_modules.'),
});

const output = z.object({
  path: z.string(),
  matches: z.array(z.object({ path: z.string(), type: z.enum(['file', 'directory', 'symlink', 'other']) })),
  complete: z.boolean().describe('False when the search stopped before its end.'),
  notes: z.array(z.string()).describe('What was left out.'),
});

export function registerSearchFiles(server: McpServer, { roots, log }: FilesystemContext): void {
  server.registerTool(
    'search_files',
    {
      title: 'Find files by name',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ pattern, path, maxResults, includeIgnored }, context) =>
      answer(log, async () => {
        const location = await locateExisting(roots, path);
        if (!(await stat(location.real)).isDirectory()) {
          throw new HostError(
            'ENOTDIR',
            `'${location.shown}' is a file. Name a folder to search, or use file_info.`,
          );
        }
        const outcome = await runSearch<NameMatch>(
          { type: 'names', roots, top: location.real, pattern, maxResults, includeIgnored },
          { isFile: false, signal: context.mcpReq.signal, report: progressReporter(context, log) },
        );
        const notes = [...stoppedNote(outcome, maxResults), ...skippedNotes(outcome.tally)];
        const lines = outcome.matches.map((match) => `${match.path}${match.type === 'directory' ? '/' : ''}`);
        const head = `${lines.length} matches for ${pattern} in ${location.shown} (${outcome.tally.filesSearched} entries looked at).`;
        const facts = {
          path: location.shown,
          matches: outcome.matches,
          complete: outcome.stopped === undefined,
          notes,
        };
        return toolResult(facts, [head, ...lines, ...notes.map((note) => `[${note}]`)].join('\n'));
      }),
  );
}
