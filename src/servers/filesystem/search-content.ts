import { stat } from 'node:fs/promises';

import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { HostError, messageOf } from '../../errors.ts';
import { READ_ONLY, answer, progressReporter, toolResult } from '../tool.ts';
import type { FilesystemContext } from './context.ts';
import { locateExisting } from './roots.ts';
import { runSearch, skippedNotes, stoppedNote } from './search.ts';
import type { ContentMatch } from './search-contract.ts';

const DESCRIPTION = `Finds lines in text files by a JavaScript regular expression, or by plain text with literal. Answers with file, line number, the line and lines around it. Binary files, and folders of tools such as .git and node_modules, are left out; the result says what was.`;

const input = z.object({
  pattern: z.string().min(1).max(1_000).describe('Matched against one line at a time.'),
  path: z.string().default('.').describe('A folder or a file. Default: the first root.'),
  literal: z.boolean().default(false).describe('Take the pattern as plain text.'),
  ignoreCase: z.boolean().default(false),
  glob: z
    .string()
    .max(1_000)
    .optional()
    .describe('Only files whose name, or with / whose path, matches, such as *.ts.'),
  contextLines: z.int().min(0).max(20).default(0).describe('Lines to show before and after each match.'),
  maxResults: z.int().min(1).max(2_000).default(100).describe('How many matching lines at most.'),
  includeIgnored: z.boolean().default(false).describe('Also search folders of tools such as node_modules.'),
});

const output = z.object({
  path: z.string(),
  matches: z.array(
    z.object({
      path: z.string(),
      line: z.number().describe('Counted from 1.'),
      text: z.string(),
      before: z.array(z.string()),
      after: z.array(z.string()),
    }),
  ),
  filesSearched: z.number(),
  complete: z.boolean().describe('False when the search stopped before its end.'),
  notes: z.array(z.string()).describe('What was left out.'),
});

export function registerSearchContent(server: McpServer, { roots, log }: FilesystemContext): void {
  server.registerTool(
    'search_content',
    {
      title: 'Search in files',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ pattern, path, literal, ignoreCase, glob, contextLines, maxResults, includeIgnored }, context) =>
      answer(log, async () => {
        const expression = expressionOf(pattern, literal, ignoreCase);
        const location = await locateExisting(roots, path);
        const isFile = (await stat(location.real)).isFile();
        const request = {
          roots,
          top: location.real,
          expression,
          glob,
          contextLines,
          maxResults,
          includeIgnored,
        };
        const outcome = await runSearch<ContentMatch>(
          { type: 'content', ...request },
          { isFile, signal: context.mcpReq.signal, report: progressReporter(context, log) },
        );
        const { matches, tally } = outcome;
        const notes = [...stoppedNote(outcome, maxResults), ...skippedNotes(tally)];
        const head = `${matches.length} matching lines in ${location.shown} (${tally.filesSearched} files searched).`;
        const text = [head, ...render(matches), ...notes.map((note) => `[${note}]`)].join('\n');
        const complete = outcome.stopped === undefined;
        const facts = { path: location.shown, matches, filesSearched: tally.filesSearched, complete, notes };
        return toolResult(facts, text);
      }),
  );
}

/** A leading `(?i)`, which other dialects have, is taken as ignoreCase. */
function expressionOf(
  pattern: string,
  literal: boolean,
  ignoreCase: boolean,
): { source: string; flags: string } {
  if (literal)
    return { source: pattern.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), flags: ignoreCase ? 'i' : '' };
  const source = pattern.replace(/^\(\?i\)/, '');
  const caseFlag = ignoreCase || source !== pattern ? 'i' : '';
  const flags = /\\p\{/i.test(source) ? `${caseFlag}u` : caseFlag;
  try {
    new RegExp(source, flags);
  } catch (error) {
    throw new HostError(
      'bad-pattern',
      `The pattern is no JavaScript regular expression: ${messageOf(error)}. Escape it, or set literal to search for it as text.`,
    );
  }
  return { source, flags };
}

function render(matches: readonly ContentMatch[]): string[] {
  return matches.flatMap(({ path, line, text, before, after }, index) => {
    const hasContext = before.length + after.length > 0;
    const lines = [
      ...before.map((near, offset) => `${path}-${line - before.length + offset}- ${near}`),
      `${path}:${line}: ${text}`,
      ...after.map((near, offset) => `${path}-${line + 1 + offset}- ${near}`),
    ];
    return hasContext && index > 0 ? ['--', ...lines] : lines;
  });
}
