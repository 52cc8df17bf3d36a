/** Cuts single long texts of a conversation that would not fit its window otherwise, a pasted request for example. */
import type { KeepRequest, KeptContent, RunContext } from '../context.ts';
import type { InputPart, ModelMessage, ToolResultPart } from '../model/model.ts';
import { estimateTokens, headOfTokens } from '../model/token-estimate.ts';
import { keptNote, notKeptNote } from '../result/result-note.ts';
import { partTokens } from './message-tokens.ts';

/** Cuts each text that alone takes more than `maxTokens`, in requests and in the latest results alike. */
export async function withoutLongTexts(
  context: RunContext,
  messages: readonly ModelMessage[],
  maxTokens: number,
): Promise<readonly ModelMessage[]> {
  const isLong = (part: InputPart): boolean =>
    part.type === 'text' && !part.byHost && partTokens(part) > maxTokens;
  const requests: KeepRequest[] = [];
  const places = new Map<InputPart, number>();
  const find = (parts: readonly InputPart[], from: Pick<KeepRequest, 'callId' | 'name'>): void => {
    for (const part of parts) {
      if (part.type !== 'text' || !isLong(part)) continue;
      places.set(part, requests.length);
      requests.push({ ...from, content: { type: 'text', mimeType: 'text/plain', text: part.text } });
    }
  };
  for (const message of messages) {
    if (message.role === 'user') find(message.content, { callId: '', name: 'request' });
    if (message.role !== 'tool') continue;
    for (const { callId, name, content, stored } of message.results)
      if (stored === undefined) find(content, { callId, name });
  }
  const kept = requests.length === 0 ? [] : await context.tools.keep(context, requests);
  const cut = (parts: readonly InputPart[]): InputPart[] =>
    parts.flatMap((part) => {
      const place = places.get(part);
      return place === undefined || part.type !== 'text' ? [part] : headAndNote(part, kept[place], maxTokens);
    });
  // Of a result that was cut when it came the whole is kept already.
  const cutResult = (result: ToolResultPart): ToolResultPart => {
    const { content, stored = [] } = result;
    if (stored.length > 0 && content.some(isLong)) return shorterHead(result, maxTokens);
    return mapped(result, content, cut, (shorter) => ({ ...result, content: shorter }));
  };
  const shortened = messages.map((message): ModelMessage => {
    if (message.role === 'user')
      return mapped(message, message.content, cut, (content) => ({ ...message, content }));
    if (message.role !== 'tool') return message;
    const results = message.results.map(cutResult);
    return results.every((result, index) => result === message.results[index])
      ? message
      : { ...message, results };
  });
  return shortened.every((message, index) => message === messages[index]) ? messages : shortened;
}

function shorterHead(result: ToolResultPart, maxTokens: number): ToolResultPart {
  const { content, stored = [] } = result;
  const heads = content.flatMap((part): InputPart[] =>
    part.type === 'text' && part.byHost
      ? []
      : [part.type === 'text' ? { ...part, text: headOfTokens(part.text, Math.floor(maxTokens / 2)) } : part],
  );
  const note = `[Cut to save room. The whole is kept as ${stored.join(' and ')}.]`;
  return { ...result, content: [...heads, { type: 'text', text: note, byHost: true }] };
}

/** The very same object where nothing in it changed, so that what was prepared for it is found again. */
function mapped<T>(
  whole: T,
  parts: readonly InputPart[],
  cut: (parts: readonly InputPart[]) => InputPart[],
  make: (parts: readonly InputPart[]) => T,
): T {
  const changed = cut(parts);
  return changed.length === parts.length && changed.every((part, index) => part === parts[index])
    ? whole
    : make(changed);
}

function headAndNote(
  part: Extract<InputPart, { type: 'text' }>,
  kept: KeptContent | undefined,
  maxTokens: number,
): InputPart[] {
  const head = headOfTokens(part.text, Math.floor(maxTokens / 2));
  const note =
    kept?.type === 'kept'
      ? keptNote(kept, head, estimateTokens(part.text))
      : notKeptNote(part.text, head, kept?.reason ?? '');
  return [
    { ...part, text: head },
    { type: 'text', text: note, byHost: true },
  ];
}
