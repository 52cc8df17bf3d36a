/** A fetch whose answers end with an error at the size limit, so that no remote server can fill our memory. */
import { LocalFailure } from './request-ledger.ts';

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** `onTooLarge` is told before the body's reader sees the error. The limit counts one event of an event stream, or one body. */
export function limitedFetch(
  server: string,
  maxBytes: number,
  onTooLarge: (failure: LocalFailure) => void,
): Fetch {
  const tooLarge = (size: string): LocalFailure => {
    const failure = new LocalFailure(
      'message-too-large',
      `The answer of '${server}' has ${size} bytes; the limit is ${maxBytes}. Ask for less at a time, or raise maxMessageBytes.`,
    );
    onTooLarge(failure);
    return failure;
  };
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.body === null) return response;
    const events = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    if (!events && length <= maxBytes) return response;
    if (!events && length > maxBytes) {
      await response.body.cancel();
      throw tooLarge(String(length));
    }
    const counted = response.body.pipeThrough(
      counter(maxBytes, events, () => tooLarge(`more than ${maxBytes}`)),
    );
    const { status, statusText, headers } = response;
    return new Response(counted, { status, statusText, headers });
  };
}

function counter(
  maxBytes: number,
  events: boolean,
  tooLarge: () => Error,
): TransformStream<Uint8Array, Uint8Array> {
  let sizeBytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const blank = events ? lastBlankLine(chunk) : -1;
      sizeBytes = blank === -1 ? sizeBytes + chunk.length : chunk.length - blank;
      if (sizeBytes > maxBytes) controller.error(tooLarge());
      else controller.enqueue(chunk);
    },
  });
}

/** Where the last event of the chunk ended; -1 where none did. */
function lastBlankLine(chunk: Uint8Array): number {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return Math.max(bytes.lastIndexOf('\n\n'), bytes.lastIndexOf('\r\n\r\n'));
}
