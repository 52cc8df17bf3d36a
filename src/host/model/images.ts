import type { ImagePart } from './model.ts';

const ACCEPTED = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Undefined: both wires take the image. Else the line that stands in its place. */
export function refusedImage(image: ImagePart): string | undefined {
  if (ACCEPTED.has(image.mimeType)) return undefined;
  const sizeBytes = Math.floor((image.base64.length * 3) / 4);
  return `[an image of type ${image.mimeType}, ${sizeBytes} bytes, was left out: models take PNG, JPEG, GIF and WebP]`;
}
