/** How requests are signed, and which are good: an HMAC of the body as it came, and of what the sender puts before it. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a request shows for itself. */
export interface Presented {
  /** One is enough: a sender whose secret is replaced signs with both. */
  readonly signatures: readonly Buffer[];
  /** Signed before the body. */
  readonly before?: string;
  /** Seconds since 1970, where the time is signed. */
  readonly timestamp?: string;
}

export interface Signing {
  readonly algorithm: 'sha256' | 'sha512';
  keyOf(secret: string): Buffer;
  /** Undefined where what belongs to a signature is missing. */
  presented(headers: IncomingHttpHeaders): Presented | undefined;
}

export interface VerifierOptions {
  readonly signing: Signing;
  readonly secrets: readonly string[];
  readonly toleranceSeconds: number;
}

/** Why a request is not taken; for the log, never for the sender. */
export type SignatureFault = 'no-signature' | 'wrong-signature' | 'outside-of-tolerance';

export type Verify = (headers: IncomingHttpHeaders, body: Buffer) => SignatureFault | undefined;

/** What the header of a request may cost at most. */
const MAX_SIGNATURES = 20;

export function createVerifier({ signing, secrets, toleranceSeconds }: VerifierOptions): Verify {
  const keys = secrets.map((secret) => signing.keyOf(secret));
  return (headers, body) => {
    const presented = signing.presented(headers);
    if (presented === undefined || presented.signatures.length === 0) return 'no-signature';
    const { before = '', timestamp } = presented;
    const signatures = presented.signatures.slice(0, MAX_SIGNATURES);
    let isGood = false;
    // Every pair is compared, so that the time it takes tells nothing about which of them is close.
    for (const key of keys) {
      const expected = createHmac(signing.algorithm, key).update(before).update(body).digest();
      for (const signature of signatures)
        if (signature.length === expected.length && timingSafeEqual(signature, expected)) isGood = true;
    }
    if (!isGood) return 'wrong-signature';
    // Looked at last: only who has a secret learns that the time is the reason.
    return timestamp === undefined || isRecent(timestamp, toleranceSeconds)
      ? undefined
      : 'outside-of-tolerance';
  };
}

/** The bytes of a digest; none where it is not written as it has to be. */
export function digestOf(text: string, encoding: 'hex' | 'base64'): readonly Buffer[] {
  const isWritten = encoding === 'hex' ? /^(?:[\da-f]{2}){32,64}$/i : /^[A-Za-z0-9+/]{43,88}={0,2}$/;
  return isWritten.test(text) ? [Buffer.from(text, encoding)] : [];
}

/** The value of a header that may stand in a request once. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' ? value : undefined;
}

function isRecent(timestamp: string, toleranceSeconds: number): boolean {
  if (!/^\d{1,15}$/.test(timestamp)) return false;
  return Math.abs(Date.now() / 1_000 - Number(timestamp)) <= toleranceSeconds;
}
