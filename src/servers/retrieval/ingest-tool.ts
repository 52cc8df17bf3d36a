import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import type { ServerLog } from '../log.ts';
import { answer, progressReporter, toolResult } from '../tool.ts';
import type { IngestReport } from './ingest.ts';
import type { Library } from './library.ts';

const DESCRIPTION =
  'Indexes files and folders of text, Markdown, HTML and PDF, so that search finds them. Only what changed is read again; files that are gone from a folder are forgotten.';

/** Longer lists are cut in the answer, and the count says so. */
const MOST_NAMED = 50;

const input = z.object({
  paths: z
    .array(z.string().min(1))
    .min(1)
    .max(1_000)
    .describe('Files and folders. Relative ones count from the project.'),
  force: z.boolean().default(false).describe('Read and cut again even what seems unchanged.'),
});

const output = z.object({
  added: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  removed: z.number(),
  chunks: z.number().describe('Passages of added and updated documents.'),
  skippedCount: z.number(),
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })).describe(`The first ${MOST_NAMED}.`),
  failures: z.array(z.object({ path: z.string(), message: z.string() })),
  note: z.string().optional(),
});

export function registerIngest(server: McpServer, library: Library, log: ServerLog): void {
  server.registerTool(
    'ingest',
    {
      title: 'Index documents',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    },
    ({ paths, force }, context) =>
      answer(log, async () => {
        const report = progressReporter(context, log);
        const done = await library.ingest({
          paths,
          force,
          signal: context.mcpReq.signal,
          onProgress: report,
        });
        const structured = structuredOf(library, done.report, done.note);
        const result = toolResult(structured, textOf(structured));
        const nothingWorked =
          structured.failures.length > 0 &&
          structured.added + structured.updated + structured.unchanged === 0;
        return nothingWorked ? { ...result, isError: true } : result;
      }),
  );
}

type Structured = z.infer<typeof output>;

function structuredOf(library: Library, report: IngestReport, note: string | undefined): Structured {
  const { skipped, failures, ...counts } = report;
  return {
    ...counts,
    skippedCount: skipped.length,
    skipped: skipped.slice(0, MOST_NAMED).map(({ path, reason }) => ({ path: library.shown(path), reason })),
    failures: failures.map(({ path, message }) => ({ path: library.shown(path), message })),
    ...(note === undefined ? {} : { note }),
  };
}

function textOf(report: Structured): string {
  const { added, updated, unchanged, removed, chunks, skippedCount, skipped, failures, note } = report;
  const lines = [
    `${added} added, ${updated} updated, ${unchanged} unchanged, ${removed} removed; ${chunks} new passages.`,
  ];
  if (skippedCount > 0) {
    const reasons = Map.groupBy(skipped, ({ reason }) => reason);
    lines.push(
      `${skippedCount} passed over: ${[...reasons].map(([reason, list]) => `${list.length} ${reason}`).join(', ')}.`,
    );
  }
  for (const { path, message } of failures) lines.push(`Failed: ${path}: ${message}`);
  if (note !== undefined) lines.push(note);
  return lines.join('\n');
}
