import type { FileHandle } from 'node:fs/promises';

import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { HostError } from '../../errors.ts';
import { READ_ONLY, answer, toolResult } from '../tool.ts';
import type { FilesystemContext } from './context.ts';
import { fileTypeOf, formatBytes, isViewableImage } from './file-type.ts';
import type { FileType } from './file-type.ts';
import { openFile, readWhole } from './open-file.ts';
import type { OpenFile } from './open-file.ts';
import { locateExisting } from './roots.ts';
import type { Location } from './roots.ts';
import { decodeText, lineEndingOf, sniffEncoding } from './text-encoding.ts';
import type { LineEnding, TextEncoding } from './text-encoding.ts';
import { LineRange } from './line-range.ts';

const MEGABYTE = 1024 * 1024;
export const MAX_WHOLE_BYTES = 10 * MEGABYTE;
const MAX_IMAGE_BYTES = 5 * MEGABYTE;
const HEAD_BYTES = 8_192;
const CHUNK_BYTES = MEGABYTE;

const DESCRIPTION = `Reads one file: text whole or by lines, or an image (PNG, JPEG, GIF, WebP) to look at. Files up to 10 MB are read whole; of larger ones ask for a range of lines. Says how many lines the file has and whether anything was left out. Other binary files are refused with their type and size.`;

const input = z.object({
  path: z.string().describe('The file. Relative paths count from the first root.'),
  startLine: z.int().min(1).optional().describe('First line to read, counted from 1.'),
  endLine: z
    .int()
    .min(1)
    .optional()
    .describe('Last line to read, included. May lie beyond the end of the file.'),
});

const output = z.object({
  path: z.string(),
  type: z.enum(['text', 'image']),
  sizeBytes: z.number().describe('Size of the whole file.'),
  mimeType: z.string().optional(),
  content: z.string().optional().describe('The text, exactly as in the file, without its byte order mark.'),
  startLine: z.number().optional(),
  endLine: z.number().optional().describe('Last line in content; 0 when there is none.'),
  totalLines: z.number().optional(),
  truncated: z.boolean().optional().describe('True when the asked range holds more than was returned.'),
  encoding: z.enum(['utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be', 'latin1']).optional(),
  lineEnding: z.enum(['lf', 'crlf', 'mixed', 'none']).optional(),
});

export function registerReadFile(server: McpServer, { roots, log }: FilesystemContext): void {
  server.registerTool(
    'read_file',
    {
      title: 'Read file',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ path, startLine, endLine }, context) =>
      answer(log, async () => {
        const location = await locateExisting(roots, path);
        await using file = await openFile(roots, location);
        const head = await readHead(file.handle);
        const type = fileTypeOf(head);
        if (isViewableImage(type)) return await readImage(file, location, type);
        const encoding = sniffEncoding(head);
        if (encoding === undefined) throw binaryError(location, file, type);
        const range = rangeOf(startLine, endLine);
        const text = await readText(file, { location, encoding, range, signal: context.mcpReq.signal });
        const { content, ...facts } = text;
        return toolResult(
          { path: location.shown, type: 'text', sizeBytes: file.stats.size, ...text },
          content,
          noteOf(facts, range).map((note) => ({ type: 'text', text: note })),
        );
      }),
  );
}

type Range = { readonly startLine: number; readonly endLine: number; readonly isWhole: boolean };

type ReadText = {
  readonly content: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly totalLines: number;
  readonly truncated: boolean;
  readonly encoding: TextEncoding;
  readonly lineEnding: LineEnding;
};

function rangeOf(startLine: number | undefined, endLine: number | undefined): Range {
  const start = startLine ?? 1;
  const end = endLine ?? Number.POSITIVE_INFINITY;
  if (end < start) {
    throw new HostError('bad-range', `endLine ${end} is before startLine ${start}. Lines count from 1.`);
  }
  return { startLine: start, endLine: end, isWhole: startLine === undefined && endLine === undefined };
}

async function readText(
  file: OpenFile,
  options: { location: Location; encoding: TextEncoding; range: Range; signal: AbortSignal },
): Promise<ReadText> {
  const { location, range, signal } = options;
  const sizeBytes = file.stats.size;
  if (sizeBytes <= MAX_WHOLE_BYTES) {
    const decoded = decodeText(await readWhole(file.handle));
    if (decoded === undefined) throw binaryError(location, file, undefined);
    const lines = new LineRange(range.startLine, range.endLine, MAX_WHOLE_BYTES);
    lines.push(decoded.text);
    return finish(lines, decoded.encoding, range);
  }
  if (range.isWhole) {
    throw new HostError(
      'too-large',
      `'${location.shown}' has ${formatBytes(sizeBytes)}, over the limit of ${formatBytes(MAX_WHOLE_BYTES)} for reading whole. Read a part with startLine and endLine, or look for what you need with search_content.`,
    );
  }
  const lines =
    (await streamLines(file.handle, { encoding: options.encoding, range, signal })) ??
    (await streamLines(file.handle, { encoding: 'latin1', range, signal }));
  if (lines === undefined) throw binaryError(location, file, undefined);
  return finish(lines.lines, lines.encoding, range);
}

/** Undefined when the bytes are not of that encoding after all. */
async function streamLines(
  handle: FileHandle,
  { encoding, range, signal }: { encoding: TextEncoding; range: Range; signal: AbortSignal },
): Promise<{ lines: LineRange; encoding: TextEncoding } | undefined> {
  const decoder = new TextDecoder(encoding === 'utf-8-bom' ? 'utf-8' : encoding, {
    fatal: encoding !== 'latin1',
  });
  const lines = new LineRange(range.startLine, range.endLine, MAX_WHOLE_BYTES);
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let position = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, position);
    try {
      lines.push(decoder.decode(chunk.subarray(0, bytesRead), { stream: bytesRead > 0 }));
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
    if (bytesRead === 0) return { lines, encoding };
    position += bytesRead;
  }
}

function finish(lines: LineRange, encoding: TextEncoding, range: Range): ReadText {
  const { content, endLine, totalLines, truncated } = lines.end();
  if (totalLines > 0 && range.startLine > totalLines) {
    throw new HostError(
      'bad-range',
      `startLine ${range.startLine} is beyond the end: the file has ${totalLines} lines.`,
    );
  }
  return {
    content,
    startLine: range.startLine,
    endLine,
    totalLines,
    truncated,
    encoding,
    lineEnding: lineEndingOf(content),
  };
}

function noteOf(text: Omit<ReadText, 'content'>, range: Range): string[] {
  const notes: string[] = [];
  if (text.totalLines === 0) notes.push('The file is empty.');
  else if (!range.isWhole) notes.push(`Lines ${text.startLine} to ${text.endLine} of ${text.totalLines}.`);
  if (text.truncated) {
    notes.push(
      `Cut at ${formatBytes(MAX_WHOLE_BYTES)} within line ${text.endLine}; ask for fewer lines to read on from there.`,
    );
  }
  if (text.encoding === 'latin1')
    notes.push('Not UTF-8: shown as Latin-1, so letters beyond ASCII may be wrong.');
  return notes.length === 0 ? [] : [`[${notes.join(' ')}]`];
}

async function readImage(file: OpenFile, location: Location, type: FileType) {
  const sizeBytes = file.stats.size;
  const text = `${location.shown}: ${type.name}, ${formatBytes(sizeBytes)}.`;
  if (sizeBytes > MAX_IMAGE_BYTES) {
    throw new HostError(
      'too-large',
      `${text} Images are shown up to ${formatBytes(MAX_IMAGE_BYTES)}; make a smaller copy.`,
    );
  }
  const data = (await readWhole(file.handle)).toString('base64');
  return toolResult({ path: location.shown, type: 'image', sizeBytes, mimeType: type.mimeType }, text, [
    { type: 'image', data, mimeType: type.mimeType },
  ]);
}

function binaryError(location: Location, file: OpenFile, type: FileType | undefined): HostError {
  const kind = type === undefined ? 'a binary file of unknown type' : `a ${type.name} (${type.mimeType})`;
  return new HostError(
    'binary',
    `'${location.shown}' is ${kind}, ${formatBytes(file.stats.size)}. Only text and PNG, JPEG, GIF or WebP images can be read.`,
  );
}

async function readHead(handle: FileHandle): Promise<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
  return head.subarray(0, bytesRead);
}
