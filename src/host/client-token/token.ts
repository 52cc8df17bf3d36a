/** A client's token: `swy_<id>_<secret>`. The id finds what is kept of it, the secret is kept as a hash. */
import { createHash, randomBytes } from 'node:crypto';

import { newShortId } from '../short-id.ts';

export interface NewToken {
  readonly id: string;
  /** The whole, to be shown once. */
  readonly text: string;
  readonly sha256: Buffer;
}

const SECRET_BYTES = 32;

export function newToken(): NewToken {
  const id = newShortId();
  const text = `swy_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { id, text, sha256: hashOf(text) };
}

/** The id in a text that is shaped like a token. */
export function tokenId(text: string): string | undefined {
  return /^swy_([2-9a-z]{8})_[\w-]{43}$/.exec(text)?.[1];
}

/** No salt and no stretching: the secret is 256 random bits, which nobody guesses. */
export function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
