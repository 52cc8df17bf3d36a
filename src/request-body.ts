/** The bytes of a request over HTTP, as long as they are within the limit. */
import type { IncomingMessage } from 'node:http';

export type RequestBody =
  | { readonly type: 'bytes'; readonly bytes: Buffer }
  | { readonly type: 'too-large' }
  /** The client went away before it had said everything. */
  | { readonly type: 'gone' };

/** A client that goes on sending what is refused is let finish up to that size, so that it reads why. */
const MAX_DISCARDED_BYTES = 64 * 1_024 * 1_024;

/** Never rejects. */
export function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<RequestBody> {
  const { promise, resolve } = Promise.withResolvers<RequestBody>();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let isTooLarge = Number(request.headers['content-length']) > maxBytes;
  if (isTooLarge) resolve({ type: 'too-large' });
  request.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (!isTooLarge && sizeBytes <= maxBytes) {
      chunks.push(chunk);
      return;
    }
    isTooLarge = true;
    chunks.length = 0;
    resolve({ type: 'too-large' });
    if (sizeBytes > maxBytes + MAX_DISCARDED_BYTES) request.destroy();
  });
  request.once('end', () => {
    const [only] = chunks;
    const isWhole = only !== undefined && chunks.length === 1;
    if (!isTooLarge) resolve({ type: 'bytes', bytes: isWhole ? only : Buffer.concat(chunks, sizeBytes) });
  });
  request.once('error', () => resolve({ type: 'gone' }));
  request.once('close', () => resolve({ type: 'gone' }));
  return promise;
}
