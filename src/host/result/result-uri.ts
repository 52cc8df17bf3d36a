import { randomBytes } from 'node:crypto';

const PREFIX = 'switchyard://results/';
const URI = /switchyard:\/\/results\/[0-9a-f]{32}/;
const WHOLE_URI = new RegExp(`^${URI.source}$`);
const ID_BYTES = 16;

/** 128 random bits: an id is found by nobody who was not given it. */
export function newResultId(): string {
  return randomBytes(ID_BYTES).toString('hex');
}

export function resultUri(id: string): string {
  return `${PREFIX}${id}`;
}

export function isResultUri(text: string): boolean {
  return WHOLE_URI.test(text);
}

/** Whether a text begins like one, whatever follows. */
export function looksLikeResultUri(text: string): boolean {
  return text.startsWith(PREFIX);
}

export function mentionsResult(text: string): boolean {
  return URI.test(text);
}

export function idOfResultUri(uri: string): string {
  return uri.slice(PREFIX.length);
}
