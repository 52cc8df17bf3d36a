/** Pictures and sound in a prompt: which kinds there are, and which a model takes. */
import type { AudioPart, ImagePart, ModelLimits } from './model.ts';

export interface AcceptedMedia {
  readonly images: boolean;
  readonly audio: boolean;
}

/** Everything, for an answer that no model is given. */
export const ALL_MEDIA: AcceptedMedia = { images: true, audio: true };

/** What is unknown: nearly every model takes pictures, few take sound. */
export function acceptedMedia({ accepts }: ModelLimits): AcceptedMedia {
  return accepts ?? { images: true, audio: false };
}

/** What all large providers take as pictures, and the most base64 of one that they take. */
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const MAX_IMAGE_CHARACTERS = 5_000_000;
const AUDIO_FORMATS: Readonly<Record<string, 'wav' | 'mp3'>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/vnd.wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
};
const MAX_AUDIO_CHARACTERS = 20_000_000;

/** Data as a part of a prompt, where models of these kinds take it. */
export function mediaPart(
  { mimeType, base64 }: { readonly mimeType: string; readonly base64: string },
  accepted: AcceptedMedia,
): ImagePart | AudioPart | undefined {
  if (accepted.images && IMAGE_TYPES.has(mimeType) && base64.length <= MAX_IMAGE_CHARACTERS)
    return { type: 'image', mimeType, base64 };
  if (accepted.audio && audioFormat(mimeType) && base64.length <= MAX_AUDIO_CHARACTERS)
    return { type: 'audio', mimeType, base64 };
  return undefined;
}

/** As the chat completions wire names it; undefined for what it does not take. */
export function audioFormat(mimeType: string): 'wav' | 'mp3' | undefined {
  return AUDIO_FORMATS[mimeType.split(';', 1)[0]?.trim().toLowerCase() ?? ''];
}

/** Undefined: the wires take the picture. Else the line that stands in its place. */
export function refusedImage(image: ImagePart): string | undefined {
  if (IMAGE_TYPES.has(image.mimeType)) return undefined;
  return leftOut(image, 'models take PNG, JPEG, GIF and WebP');
}

/** The line that stands in the place of a picture or a sound. */
export function leftOut(part: ImagePart | AudioPart, why: string): string {
  const sizeBytes = Math.floor((part.base64.length * 3) / 4);
  const what = part.type === 'image' ? 'an image' : 'a sound';
  return `[${what} of type ${part.mimeType}, ${sizeBytes} bytes, was left out: ${why}]`;
}
