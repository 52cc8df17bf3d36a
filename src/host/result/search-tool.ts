/** `switchyard__result_search`: a regular expression over a stored result, with the lines around each match. */
import { HostError, messageOf } from '../../errors.ts';
import { jsonText } from '../../json.ts';
import type { ToolDefinition } from '../../registry/contract.ts';
import { headOfTokens } from '../model/token-estimate.ts';
import type { HostTool } from '../tool-call/host-tool.ts';
import type { ResultToolOptions } from './read-tool.ts';
import { RESULT_READ, RESULT_SEARCH } from './result-note.ts';
import type { SearchAnswer, SearchHit } from './search-text.ts';
import { inThread } from './thread.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;
const DEFAULT_CONTEXT_LINES = 2;
const MAX_CONTEXT_LINES = 20;
const LINE_CHARACTERS = 300;

export function createResultSearch({ results, timeoutMs }: ResultToolOptions): HostTool {
  return {
    name: RESULT_SEARCH,
    definition: SEARCH_DEFINITION,
    async call(args, { access, maxTokens, signal }) {
      const source = jsonText(args['pattern']);
      const flags = args['ignoreCase'] === true ? 'gim' : 'gm';
      refuseInvalid(source, flags);
      const stored = await results.find(jsonText(args['uri']), access);
      if (!stored.isText) {
        throw new HostError(
          'result-not-text',
          `${stored.uri} is ${stored.mimeType}, which cannot be searched as text.`,
        );
      }
      const number = (name: string, otherwise: number): number =>
        typeof args[name] === 'number' ? args[name] : otherwise;
      const from = number('offset', 1) - 1;
      const { uri, chunks } = stored;
      const answer = await inThread<SearchAnswer>({
        name: 'search-thread',
        data: {
          result: { uri, chunks, file: results.file(stored) },
          options: {
            source,
            flags,
            from,
            limit: number('limit', DEFAULT_LIMIT),
            contextLines: number('context', DEFAULT_CONTEXT_LINES),
            lineCharacters: LINE_CHARACTERS,
          },
        },
        slowAdvice: 'The pattern probably backtracks: write it without nested repetition, or more exactly.',
        timeoutMs,
        signal,
      });
      return { content: [{ type: 'text', text: shown(answer, uri, source, maxTokens) }] };
    },
  };
}

function refuseInvalid(source: string, flags: string): void {
  try {
    new RegExp(source, flags);
  } catch (error) {
    throw new HostError('invalid-pattern', `The pattern is no regular expression: ${messageOf(error)}.`);
  }
}

/** As many hits as fit; the first always. */
function shown({ hits, total }: SearchAnswer, uri: string, source: string, maxTokens: number): string {
  if (total === 0) return `Nothing in ${uri} matches ${JSON.stringify(source)} from there on.`;
  const texts: string[] = [];
  let characters = 0;
  for (const hit of hits) {
    const text = hitText(hit);
    // A token has at least one character, and rarely fewer than two in what people search.
    if (texts.length > 0 && characters + text.length > maxTokens * 2) break;
    texts.push(text);
    characters += text.length;
  }
  const count = total === 1 ? '1 match' : `${total} matches`;
  const next = hits[texts.length];
  const nextOffset = next?.offset ?? (hits.at(-1)?.offset ?? 0) + 1;
  const more = texts.length < total ? `; the next ones with offset ${nextOffset + 1}` : '';
  const body = headOfTokens(texts.join('\n'), maxTokens).toWellFormed();
  return `${count}${texts.length < total ? `, the first ${texts.length} of them` : ''}:\n\n${body}\n[${count}${more}. Read around one with ${RESULT_READ}: offset counts lines, or with unit "characters" characters.]`;
}

function hitText(hit: SearchHit): string {
  const first = hit.line - hit.before.length;
  const matched = hit.text.split('\n');
  const lines = [
    ...hit.before.map((line, index) => `${first + index}- ${line}`),
    ...matched.map((line, index) => `${hit.line + index}: ${line}`),
    ...hit.after.map((line, index) => `${hit.line + matched.length + index}- ${line}`),
  ];
  return `line ${hit.line}, character ${hit.offset + 1}\n${lines.join('\n')}\n`;
}

export const SEARCH_DEFINITION: ToolDefinition = {
  name: RESULT_SEARCH,
  description:
    'Searches a tool result that was too long to be shown whole by a regular expression, and shows each match with its line, its place and the lines around it.',
  inputSchema: {
    type: 'object',
    properties: {
      uri: { type: 'string', description: 'switchyard://results/… as the cut result names it.' },
      pattern: {
        type: 'string',
        minLength: 1,
        maxLength: 2_000,
        description: 'A JavaScript regular expression; ^ and $ match at lines.',
      },
      ignoreCase: { type: 'boolean', description: 'Upper and lower case are the same; not by default.' },
      context: {
        type: 'integer',
        minimum: 0,
        maximum: MAX_CONTEXT_LINES,
        description: `How many lines around each match; ${DEFAULT_CONTEXT_LINES} by default.`,
      },
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: MAX_LIMIT,
        description: `How many matches at most; ${DEFAULT_LIMIT} by default.`,
      },
      offset: {
        type: 'integer',
        minimum: 1,
        description: 'The character to begin at, from 1; 1 by default.',
      },
    },
    required: ['uri', 'pattern'],
    additionalProperties: false,
  },
  annotations: {
    title: 'Search a stored result',
    readOnlyHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
};
