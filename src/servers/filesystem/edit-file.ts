import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { HostError } from '../../errors.ts';
import { answer, toolResult } from '../tool.ts';
import { applyEdits } from './apply-edits.ts';
import { writeAtomically } from './atomic-write.ts';
import type { FilesystemContext } from './context.ts';
import { formatBytes } from './file-type.ts';
import { openFile, readWhole } from './open-file.ts';
import { MAX_WHOLE_BYTES } from './read-file.ts';
import { locateExisting, refuseProtected } from './roots.ts';
import type { Location, Roots } from './roots.ts';
import { decodeText, encodeText } from './text-encoding.ts';

const DIFF_TIMEOUT_MS = 2_000;
const MAX_DIFF_CHARACTERS = 100_000;

const DESCRIPTION = `Replaces exact pieces of a text file and answers with a unified diff. Each oldText must occur exactly once (or set replaceAll); copy it from read_file with its indentation. Edits apply in order, all or none. Encoding, byte order mark and line endings of the file are kept: write line breaks as \\n. With dryRun nothing is written.`;

const input = z.object({
  path: z.string().describe('The file. Relative paths count from the first root.'),
  edits: z
    .array(
      z.object({
        oldText: z.string().min(1).describe('Text as it stands in the file.'),
        newText: z.string().describe('Text to put in its place; empty to delete.'),
        replaceAll: z.boolean().optional().describe('Replace every occurrence. Default: false.'),
      }),
    )
    .min(1),
  dryRun: z.boolean().optional().describe('Only show the diff. Default: false.'),
});

const output = z.object({
  path: z.string(),
  dryRun: z.boolean(),
  replacements: z.number(),
  diff: z.string(),
  diffTruncated: z.boolean(),
});

export function registerEditFile(server: McpServer, { roots, log }: FilesystemContext): void {
  const annotations = {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  };
  server.registerTool(
    'edit_file',
    { title: 'Edit file', description: DESCRIPTION, inputSchema: input, outputSchema: output, annotations },
    ({ path, edits, dryRun = false }) =>
      answer(log, async () => {
        const location = await locateExisting(roots, path);
        refuseProtected(roots, location);
        const bytes = await readForEdit(roots, location);
        const decoded = decodeText(bytes);
        if (decoded === undefined) throw new HostError('binary', `'${location.shown}' is not a text file.`);
        const { text, replacements } = applyEdits(decoded.text, edits, location.shown);
        const { diff, diffTruncated } = await diffOf(location.shown, decoded.text, text);
        const changed = encodeText(text, decoded.encoding);
        if (!dryRun) {
          await refuseIfChanged(roots, location, bytes);
          await writeAtomically(roots, location, changed);
        }
        const done = dryRun ? 'Would make' : 'Made';
        const facts = { path: location.shown, dryRun, replacements, diff, diffTruncated };
        return toolResult(facts, `${done} ${replacements} replacements in ${location.shown}.\n\n${diff}`);
      }),
  );
}

async function readForEdit(roots: Roots, location: Location): Promise<Buffer> {
  await using file = await openFile(roots, location);
  if (file.stats.size > MAX_WHOLE_BYTES) {
    throw new HostError(
      'too-large',
      `'${location.shown}' has ${formatBytes(file.stats.size)}; files up to ${formatBytes(MAX_WHOLE_BYTES)} can be edited.`,
    );
  }
  return await readWhole(file.handle);
}

async function refuseIfChanged(roots: Roots, location: Location, before: Buffer): Promise<void> {
  if ((await readForEdit(roots, location)).equals(before)) return;
  throw new HostError(
    'changed',
    `'${location.shown}' was changed by someone else meanwhile. Read it again, then edit.`,
  );
}

async function diffOf(
  name: string,
  before: string,
  after: string,
): Promise<{ diff: string; diffTruncated: boolean }> {
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  const diff = createTwoFilesPatch(name, name, before, after, undefined, undefined, {
    context: 3,
    timeout: DIFF_TIMEOUT_MS,
    headerOptions: FILE_HEADERS_ONLY,
  });
  if (diff === undefined)
    return { diff: '[The change is too large to show as a diff.]', diffTruncated: true };
  if (diff.length <= MAX_DIFF_CHARACTERS) return { diff, diffTruncated: false };
  const note = `[The diff has ${diff.length} characters; the first ${MAX_DIFF_CHARACTERS} are shown.]`;
  return { diff: `${diff.slice(0, MAX_DIFF_CHARACTERS)}\n${note}`, diffTruncated: true };
}
