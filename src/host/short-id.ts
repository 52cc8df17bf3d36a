import { randomInt } from 'node:crypto';

const DIGITS = '23456789';
/** Letters and digits that are not mistaken for each other. */
const ALPHABET = `${DIGITS}abcdefghjkmnpqrstuvwxyz`;
const LENGTH = 8;

/** It begins with a digit, so that a word is never taken for the beginning of one. */
export function newShortId(): string {
  return Array.from({ length: LENGTH }, (_, index) => pick(index === 0 ? DIGITS : ALPHABET)).join('');
}

/** Whether a text could be an id, or the beginning of one. */
export function looksLikeId(text: string): boolean {
  return text.length <= LENGTH && new RegExp(`^[${DIGITS}][${ALPHABET}]*$`).test(text);
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}
