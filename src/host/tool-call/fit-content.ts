/** What of a tool's answer a model is given, and what is kept in full beside it. */
import { type AcceptedMedia, mediaPart } from '../model/media.ts';
import type { InputPart } from '../model/model.ts';
import { estimateTokens, fitsTokens, headOfTokens } from '../model/token-estimate.ts';
import type { ResultContent, StoredResult } from '../result/contract.ts';
import { keptNote, notKeptNote } from '../result/result-note.ts';
import type { ContentPiece } from './content.ts';

/** Never rejects: what could not be kept says why. */
export type KeepResult = (
  content: ResultContent,
) => Promise<
  | { readonly type: 'kept'; readonly stored: StoredResult }
  | { readonly type: 'not-kept'; readonly reason: string }
>;

export interface FitOptions {
  /** The most tokens of text that one answer gives to a model, estimated. */
  readonly maxTokens: number;
  /** Pictures and sound that the model does not take are kept beside it. */
  readonly accepts: AcceptedMedia;
  readonly keep: KeepResult;
}

export type FittedContent = {
  readonly parts: readonly InputPart[];
  /** The URIs under which what was not given whole is kept. */
  readonly stored: readonly string[];
};

type TextPiece = Extract<ContentPiece, { type: 'text' }>;

/** More texts than this are not kept one by one but as one, so that a model is not given handles in hundreds. */
const MAX_KEPT_TEXTS = 4;

export async function fitContent(
  pieces: readonly ContentPiece[],
  options: FitOptions,
): Promise<FittedContent> {
  const texts = pieces.filter((piece) => piece.type === 'text');
  const share = fairShare(texts, options.maxTokens);
  const oversized = texts.filter((piece) => !fitsTokens(piece.text, share));
  const fitted = oversized.length > MAX_KEPT_TEXTS ? joined(pieces) : pieces;
  const cutAt = fitted === pieces ? share : options.maxTokens;

  const parts: InputPart[] = [];
  const stored: string[] = [];
  for (const piece of fitted) {
    const part = piece.type === 'text' ? await fitText(piece, cutAt, options) : await fitData(piece, options);
    parts.push(...part.parts);
    stored.push(...part.stored);
  }
  return { parts, stored };
}

/** The tokens that each text may have so that all together have `maxTokens`; a small one leaves its rest to the others. */
export function fairShare(texts: readonly Pick<TextPiece, 'text'>[], maxTokens: number): number {
  const characters = texts.reduce((sum, { text }) => sum + text.length, 0);
  if (characters <= maxTokens) return maxTokens;
  const ascending = texts.map(({ text }) => estimateTokens(text)).sort((a, b) => a - b);
  let left = maxTokens;
  for (const [index, tokens] of ascending.entries()) {
    const share = left / (ascending.length - index);
    if (tokens > share) return Math.max(1, Math.floor(share));
    left -= tokens;
  }
  return maxTokens;
}

/** All texts as one, where the first stood. */
function joined(pieces: readonly ContentPiece[]): readonly ContentPiece[] {
  const texts = pieces.filter((piece) => piece.type === 'text').map(shownText);
  const whole: ContentPiece = { type: 'text', mimeType: 'text/plain', text: texts.join('\n') };
  return [whole, ...pieces.filter((piece) => piece.type === 'data')];
}

async function fitText(piece: TextPiece, maxTokens: number, options: FitOptions): Promise<FittedContent> {
  const { text, mimeType } = piece;
  if (fitsTokens(text, maxTokens)) return { parts: [{ type: 'text', text: shownText(piece) }], stored: [] };
  const head = headOfTokens(text, maxTokens);
  const kept = await options.keep({ type: 'text', mimeType, text });
  const note =
    kept.type === 'kept'
      ? keptNote(kept.stored, head, estimateTokens(text))
      : notKeptNote(text, head, kept.reason);
  return {
    parts: [
      { type: 'text', text: shownText({ ...piece, text: head }) },
      { type: 'text', text: note, byHost: true },
    ],
    stored: kept.type === 'kept' ? [kept.stored.uri] : [],
  };
}

async function fitData(
  { mimeType, base64, label }: Extract<ContentPiece, { type: 'data' }>,
  options: FitOptions,
): Promise<FittedContent> {
  const media = mediaPart({ mimeType, base64 }, options.accepts);
  if (media) return { parts: [media], stored: [] };
  const sizeBytes = Math.floor((base64.length * 3) / 4);
  const labelled: InputPart[] = label === undefined ? [] : [{ type: 'text', text: label }];
  const what = `[${oneWord(mimeType)}, about ${sizeBytes} bytes: not shown to the model.`;
  const kept = await options.keep({ type: 'bytes', mimeType, base64 });
  const text =
    kept.type === 'kept'
      ? `${what} It is kept as ${kept.stored.uri}; as a string argument of another tool the URI stands for its base64.]`
      : `${what} It could not be kept: ${kept.reason}]`;
  return {
    parts: [...labelled, { type: 'text', text, byHost: true }],
    stored: kept.type === 'kept' ? [kept.stored.uri] : [],
  };
}

/** A type comes from outside and stands in a sentence of ours. */
function oneWord(mimeType: string): string {
  return /^[\w.+-]+\/[\w.+-]+/.exec(mimeType)?.[0].slice(0, 100) ?? 'data of an unknown type';
}

function shownText({ text, label }: TextPiece): string {
  return label === undefined ? text : `${label}\n${text}`;
}
