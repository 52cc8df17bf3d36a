import { randomInt } from 'node:crypto';

/** Letters and digits that are not mistaken for each other. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const LENGTH = 8;

export function newSessionId(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** Whether a text could be the beginning of an id. */
export function looksLikeId(text: string): boolean {
  return text.length <= LENGTH && new RegExp(`^[${ALPHABET}]*$`).test(text);
}
