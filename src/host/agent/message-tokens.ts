/** How much of a model's window a message may take, before the provider has counted it. */
import type { AssistantPart, InputPart, ModelMessage } from '../model/model.ts';
import { estimateTokens } from '../model/token-estimate.ts';

/** What large providers count for a picture of the size that they scale pictures to. */
const PICTURE_TOKENS = 1_600;
const PICTURE_CHARACTERS = 10_000;
/** Sound is billed by its seconds, of which a small file of compressed speech has about this many a token. */
const AUDIO_CHARACTERS_A_TOKEN = 200;
/** Roles, ids and brackets. */
const MESSAGE_TOKENS = 8;

const tokens = new WeakMap<ModelMessage, number>();
const characters = new WeakMap<ModelMessage, number>();

export function messageTokens(message: ModelMessage): number {
  const known = tokens.get(message);
  if (known !== undefined) return known;
  const counted = sum(partsOf(message).map(partTokens)) + MESSAGE_TOKENS;
  tokens.set(message, counted);
  return counted;
}

export function partTokens(part: InputPart | AssistantPart): number {
  if (part.type === 'image') return PICTURE_TOKENS;
  if (part.type === 'audio') return Math.ceil(part.base64.length / AUDIO_CHARACTERS_A_TOKEN);
  return estimateTokens(textOf(part));
}

/** No fewer than its tokens, and found without looking at the text: a token has at least one character. */
export function messageCharacters(message: ModelMessage): number {
  const known = characters.get(message);
  if (known !== undefined) return known;
  const parts = partsOf(message).map(partCharacters);
  const counted = sum(parts) + MESSAGE_TOKENS;
  characters.set(message, counted);
  return counted;
}

function partCharacters(part: InputPart | AssistantPart): number {
  if (part.type === 'image') return PICTURE_CHARACTERS;
  return part.type === 'audio' ? part.base64.length : textOf(part).length;
}

function partsOf(message: ModelMessage): readonly (InputPart | AssistantPart)[] {
  return message.role === 'tool' ? message.results.flatMap(({ content }) => content) : message.content;
}

function textOf(part: Exclude<InputPart | AssistantPart, { type: 'image' | 'audio' }>): string {
  if (part.type !== 'tool-call') return part.text;
  return `${part.name} ${part.invalidArguments ?? JSON.stringify(part.arguments ?? {})}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
