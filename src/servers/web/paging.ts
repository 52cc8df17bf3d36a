/**
 * Where the part that starts at `start` ends: at most `maxCharacters` on, at a line break where one is near, and never
 * inside a character that JavaScript writes as two.
 */
export function cutPart(text: string, start: number, maxCharacters: number): number {
  const furthest = start + maxCharacters;
  if (furthest >= text.length) return text.length;
  const newline = text.lastIndexOf('\n', furthest - 1);
  if (newline >= start + maxCharacters * 0.8) return newline + 1;
  const isInsideCharacter = isHighSurrogate(text.charCodeAt(furthest - 1));
  return isInsideCharacter ? furthest - 1 : furthest;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
