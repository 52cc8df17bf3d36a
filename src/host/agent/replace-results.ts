/** Puts handles in the place of older results of a conversation that would not fit its window otherwise. */
import type { KeepRequest, KeptContent, RunContext } from '../context.ts';
import type { ModelMessage, ToolResultPart } from '../model/model.ts';
import { partTokens } from './message-tokens.ts';

/** The results of the last messages stay as they are: the model is working with them. */
const KEPT_RESULT_MESSAGES = 2;
/** A result smaller than this takes hardly more than the lines that would stand for it. */
const MIN_RESULT_TOKENS = 200;
const HEAD_LINE_CHARACTERS = 160;

/** Replaces every older result by its first line and its handle. The same array where there is nothing to replace. */
export async function withHandles(
  context: RunContext,
  messages: readonly ModelMessage[],
): Promise<readonly ModelMessage[]> {
  const toolMessages = messages.filter((message) => message.role === 'tool');
  const older = new Set<ModelMessage>(toolMessages.slice(0, -KEPT_RESULT_MESSAGES));
  const large = toolMessages
    .filter((message) => older.has(message))
    .flatMap(({ results }) => results.filter(isLarge));
  if (large.length === 0) return messages;
  const requests = large.flatMap((result) => contentsToKeep(result));
  const kept = requests.length === 0 ? [] : await context.tools.keep(context, requests);
  const byResult = new Map<ToolResultPart, KeptContent[]>();
  let next = 0;
  for (const result of large) {
    const count = contentsToKeep(result).length;
    byResult.set(result, kept.slice(next, next + count));
    next += count;
  }
  return messages.map((message): ModelMessage => {
    if (message.role !== 'tool' || !older.has(message)) return message;
    const results = message.results.map((result) => {
      const own = byResult.get(result);
      return own === undefined ? result : replacedResult(result, own);
    });
    return { ...message, results };
  });
}

function isLarge(result: ToolResultPart): boolean {
  return result.content.reduce((sum, part) => sum + partTokens(part), 0) >= MIN_RESULT_TOKENS;
}

/** What of a result is not kept yet: nothing of one that was cut when it came and holds nothing else. */
function contentsToKeep({ callId, name, content, stored = [] }: ToolResultPart): KeepRequest[] {
  const own = content.filter((part) => part.type === 'text' && !part.byHost);
  const pictures = content.flatMap((part): KeepRequest[] =>
    part.type !== 'text'
      ? [{ callId, name, content: { type: 'bytes', mimeType: part.mimeType, base64: part.base64 } }]
      : [],
  );
  if (own.length === 0 || (own.length === 1 && stored.length > 0)) return pictures;
  const text = own.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  return [{ callId, name, content: { type: 'text', mimeType: 'text/plain', text } }, ...pictures];
}

function replacedResult(result: ToolResultPart, kept: readonly KeptContent[]): ToolResultPart {
  const uris = [
    ...(result.stored ?? []),
    ...kept.flatMap((item) => (item.type === 'kept' ? [item.uri] : [])),
  ];
  const lost = kept.find((item) => item.type === 'not-kept');
  const where = uris.length > 0 ? ` It is kept as ${uris.join(' and ')}.` : '';
  const why = lost
    ? ` Part of it could not be kept: ${lost.reason} Call the tool again where it is needed.`
    : '';
  const first = result.content.find((part) => part.type === 'text' && !part.byHost);
  const line = first?.type === 'text' ? firstLine(first.text) : '';
  return {
    ...result,
    ...(uris.length > 0 ? { stored: uris } : {}),
    content: [
      ...(line === '' ? [] : [{ type: 'text' as const, text: line }]),
      { type: 'text', text: `[This result is no longer shown, to save room.${where}${why}]`, byHost: true },
    ],
  };
}

function firstLine(text: string): string {
  const line =
    text
      .slice(0, HEAD_LINE_CHARACTERS * 2)
      .trimStart()
      .split('\n', 1)[0] ?? '';
  return line.length <= HEAD_LINE_CHARACTERS
    ? line
    : `${line.slice(0, HEAD_LINE_CHARACTERS).toWellFormed()}…`;
}
