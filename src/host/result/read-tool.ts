/** `switchyard__result_read`: a part of a stored result, by lines, by characters, or by a JSON path. */
import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { jsonText } from '../../json.ts';
import type { ToolDefinition } from '../../registry/contract.ts';
import { headOfTokens } from '../model/token-estimate.ts';
import type { HostTool } from '../tool-call/host-tool.ts';
import type { ResultStore, StoredResult } from './contract.ts';
import type { QueryAnswer } from './query-thread.ts';
import type { ChunkedFile } from './read-chunks.ts';
import { countNewlines, readCharacters, readLines, type TextSlice } from './read-result.ts';
import { RESULT_READ, RESULT_SEARCH } from './result-note.ts';
import { inThread } from './thread.ts';

export interface ResultToolOptions {
  readonly results: ResultStore;
  /** How long one search or one path may take; 10 s by default. */
  readonly timeoutMs?: number;
}

/** Parsed JSON takes many times the memory of its text. */
const MAX_QUERIED_BYTES = 100_000_000;
const DEFAULT_LINES = 200;
const MAX_LINES = 100_000;

export function createResultRead({ results, timeoutMs }: ResultToolOptions): HostTool {
  return {
    name: RESULT_READ,
    definition: READ_DEFINITION,
    async call(args, { access, maxTokens, signal }) {
      const stored = await results.find(jsonText(args['uri']), access);
      const file = { uri: stored.uri, chunks: stored.chunks, file: results.file(stored) };
      if (!stored.isText) throw notText(stored);
      const path = args['path'];
      const text =
        typeof path === 'string'
          ? await queried(stored, file, { path, maxTokens, timeoutMs, signal })
          : await part(stored, file, args, maxTokens);
      return { content: [{ type: 'text', text }] };
    },
  };
}

async function part(
  stored: StoredResult,
  file: ChunkedFile,
  args: JsonObject,
  maxTokens: number,
): Promise<string> {
  const byCharacters = args['unit'] === 'characters';
  const offset = numberOf(args['offset']) ?? 1;
  const total = byCharacters ? stored.characters : stored.lines;
  if (offset > total) {
    const unit = byCharacters ? 'characters' : 'lines';
    throw new HostError(
      'nothing-there',
      `There is nothing at offset ${offset}: ${stored.uri} has ${total} ${unit}.`,
    );
  }
  const length = numberOf(args['length']);
  const mostCharacters = maxTokens * 8;
  const slice = byCharacters
    ? await readCharacters(file, offset - 1, Math.min(length ?? mostCharacters, mostCharacters))
    : await readLines(file, offset - 1, { count: length ?? DEFAULT_LINES, maxCharacters: mostCharacters });
  const head = headOfTokens(slice.text, maxTokens).toWellFormed();
  return `${head}${head.endsWith('\n') ? '' : '\n'}${placeLine(stored, slice, head)}`;
}

/** Where in the whole the part lies, and how to read on. */
function placeLine(stored: StoredResult, slice: TextSlice, head: string): string {
  const newlines = countNewlines(head);
  const firstLine = slice.linesBefore + 1;
  const lastLine = head.endsWith('\n') ? slice.linesBefore + newlines : firstLine + newlines;
  const end = slice.start + head.length;
  const where = `lines ${firstLine}–${lastLine} of ${stored.lines}, characters ${slice.start + 1}–${end} of ${stored.characters}`;
  if (end >= stored.characters) return `[${where}: the end]`;
  const next = head.endsWith('\n') ? `offset ${lastLine + 1}` : `unit "characters" and offset ${end + 1}`;
  return `[${where}; read on with ${next}]`;
}

interface Query {
  readonly path: string;
  readonly maxTokens: number;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
}

async function queried(
  stored: StoredResult,
  file: ChunkedFile,
  { path, maxTokens, timeoutMs, signal }: Query,
): Promise<string> {
  if (stored.sizeBytes > MAX_QUERIED_BYTES) {
    throw new HostError(
      'result-too-large',
      `${stored.uri} is too large for a JSON path (${stored.sizeBytes} of at most ${MAX_QUERIED_BYTES} bytes). Use ${RESULT_SEARCH}, or read parts of it.`,
    );
  }
  const answer = await inThread<QueryAnswer>({
    name: 'query-thread',
    data: { result: file, path, maxCharacters: maxTokens * 8 },
    slowAdvice: 'Take a narrower path.',
    timeoutMs,
    signal,
  });
  if (answer.count === 0) return `Nothing in ${stored.uri} is at the path ${path}.`;
  const head = headOfTokens(answer.text, maxTokens);
  const found = answer.count === 1 ? '1 value' : `${answer.count} values`;
  if (head.length >= answer.characters) return `${head}[${found}]`;
  return `${head}\n[Cut: ${head.length} of ${answer.characters} characters of ${found} are shown. Take a narrower path, such as ${path}[0:10].]`;
}

function notText({ uri, mimeType, sizeBytes }: StoredResult): HostError {
  return new HostError(
    'result-not-text',
    `${uri} is ${mimeType} of ${sizeBytes} bytes, which cannot be read as text. As a string argument of another tool the URI stands for its base64.`,
  );
}

function numberOf(value: JsonObject[string] | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export const READ_DEFINITION: ToolDefinition = {
  name: RESULT_READ,
  description:
    'Reads a part of a tool result that was too long to be shown whole. By lines, by characters, or, where it is JSON, by a JSON path.',
  inputSchema: {
    type: 'object',
    properties: {
      uri: { type: 'string', description: 'switchyard://results/… as the cut result names it.' },
      offset: {
        type: 'integer',
        minimum: 1,
        description: 'The first line (or character), from 1; 1 by default.',
      },
      length: {
        type: 'integer',
        minimum: 1,
        maximum: MAX_LINES * 1_000,
        description: `How many lines (or characters); ${DEFAULT_LINES} lines by default.`,
      },
      unit: {
        type: 'string',
        enum: ['lines', 'characters'],
        description: 'What offset and length count; lines by default.',
      },
      path: {
        type: 'string',
        description:
          'A JSON path (RFC 9535), such as $.items[0:5].name or $..id, in place of offset and length.',
      },
    },
    required: ['uri'],
    additionalProperties: false,
  },
  annotations: {
    title: 'Read a stored result',
    readOnlyHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
};
