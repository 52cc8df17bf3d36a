/** The body of a request, as long as it is within the limit. */
import type { IncomingMessage } from 'node:http';

import { parseMessage } from '../parse-message.ts';
import { ERROR } from '../protocol.ts';
import type { Refusal } from './refuse.ts';

export type Body =
  | { readonly type: 'json'; readonly value: unknown }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  /** The client went away before it had said everything. */
  | { readonly type: 'gone' };

/** A client that goes on sending what is refused is let finish up to that size, so that it reads why. */
const MAX_DISCARDED_BYTES = 64 * 1_024 * 1_024;

/** Never rejects. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  if (!isJson(request.headers['content-type'])) return Promise.resolve(NO_JSON);
  const { promise, resolve } = Promise.withResolvers<Body>();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let isTooLarge = Number(request.headers['content-length']) > maxBytes;
  if (isTooLarge) resolve(tooLarge(maxBytes));
  request.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (!isTooLarge && sizeBytes <= maxBytes) {
      chunks.push(chunk);
      return;
    }
    isTooLarge = true;
    chunks.length = 0;
    resolve(tooLarge(maxBytes));
    if (sizeBytes > maxBytes + MAX_DISCARDED_BYTES) request.destroy();
  });
  request.once('end', () => {
    if (!isTooLarge) resolve(parsed(chunks, sizeBytes));
  });
  request.once('error', () => resolve({ type: 'gone' }));
  request.once('close', () => resolve({ type: 'gone' }));
  return promise;
}

function parsed(chunks: readonly Buffer[], sizeBytes: number): Body {
  const [only] = chunks;
  const bytes = only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, sizeBytes);
  const message = parseMessage(bytes);
  if (message.type === 'json') return message;
  const { code, message: text, id } = message;
  return { type: 'refused', refusal: { status: 400, code, message: text, id } };
}

function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

const NO_JSON: Body = {
  type: 'refused',
  refusal: {
    status: 415,
    code: ERROR.invalidRequest,
    message: 'Messages are sent as Content-Type: application/json.',
  },
};

function tooLarge(maxBytes: number): Body {
  const message = `The message is over the limit of ${maxBytes} bytes ("maxBodyBytes" in the config). Send it in parts.`;
  return { type: 'refused', refusal: { status: 413, code: ERROR.invalidRequest, message } };
}
