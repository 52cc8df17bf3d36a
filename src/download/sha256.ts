import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The hash of a file's content, in hexadecimal. Rejects with the signal's reason when it aborts. */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const chunks = createReadStream(file, {
    highWaterMark: CHUNK_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    for await (const chunk of chunks) hash.update(chunk);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return hash.digest('hex');
}

const CHUNK_BYTES = 1 << 20;
