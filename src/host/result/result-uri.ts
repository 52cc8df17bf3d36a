import { randomBytes } from 'node:crypto';

const PREFIX = 'switchyard://results/';
const MENTION = /switchyard:\/\/results\/[0-9a-f]{32}(?![0-9a-f])/;
const HANDLE = /^switchyard:\/\/results\/\S*$/;
const ID_BYTES = 16;

/** 128 random bits: an id is found by nobody who was not given it. */
export function newResultId(): string {
  return randomBytes(ID_BYTES).toString('hex');
}

export function resultUri(id: string): string {
  return `${PREFIX}${id}`;
}

/** Whether a text is meant as a handle and nothing else, a mistyped one included. */
export function isResultHandle(text: string): boolean {
  return HANDLE.test(text);
}

/** Undefined where the text is no whole URI of a result. */
export function resultIdOf(uri: string): string | undefined {
  const id = uri.startsWith(PREFIX) ? uri.slice(PREFIX.length) : '';
  return /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

/** Whether a handle stands anywhere in the text. */
export function mentionsResult(text: string): boolean {
  return MENTION.test(text);
}
