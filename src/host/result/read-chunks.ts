/** Reads a stored result chunk by chunk, each checked before it is used. */
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { HostError, messageOf } from '../../errors.ts';
import type { StoredResult } from './contract.ts';

export interface ReadChunk {
  readonly bytes: Buffer;
  /** Characters and newlines before it. */
  readonly characters: number;
  readonly newlines: number;
}

export type ChunkedFile = Pick<StoredResult, 'uri' | 'chunks'> & { readonly file: string };

/** From chunk number `first` on. Rejects with HostError `result-damaged` where the file is not what was stored. */
export async function* readChunks(result: ChunkedFile, first = 0): AsyncGenerator<ReadChunk, void, void> {
  const before = result.chunks.slice(0, first);
  let position = before.reduce((sum, [sizeBytes]) => sum + sizeBytes, 0);
  let characters = before.reduce((sum, chunk) => sum + chunk[1], 0);
  let newlines = before.reduce((sum, chunk) => sum + chunk[2], 0);
  await using handle = await open(result.file, 'r').catch((error: unknown) => {
    throw damaged(result.uri, `its file cannot be opened (${messageOf(error)})`);
  });
  for (const [sizeBytes, characterCount, newlineCount, checksum] of result.chunks.slice(first)) {
    const bytes = Buffer.allocUnsafe(sizeBytes);
    const { bytesRead } = await handle.read(bytes, 0, sizeBytes, position);
    if (bytesRead !== sizeBytes) throw damaged(result.uri, 'its file is shorter than what was stored');
    if (crc32(bytes) !== checksum) throw damaged(result.uri, 'its file was changed');
    yield { bytes, characters, newlines };
    position += sizeBytes;
    characters += characterCount;
    newlines += newlineCount;
  }
}

function damaged(uri: string, why: string): HostError {
  return new HostError('result-damaged', `${uri} is damaged: ${why}. Call the tool again to get the result.`);
}
