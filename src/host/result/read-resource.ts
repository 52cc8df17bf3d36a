import { HostError } from '../../errors.ts';
import type { CallOutcome } from '../../registry/contract.ts';
import type { ResultAccess, ResultStore } from './contract.ts';
import { readBase64, readWholeText } from './read-result.ts';

/** A stored result as the contents of a resource (spec: server/resources, "Resource Contents"), whole. */
export async function readStoredResource(
  results: ResultStore,
  uri: string,
  access: ResultAccess,
): Promise<CallOutcome> {
  try {
    const stored = await results.find(uri, access);
    const file = { uri, chunks: stored.chunks, file: results.file(stored) };
    const content = stored.isText ? { text: await readWholeText(file) } : { blob: await readBase64(file) };
    return { type: 'complete', result: { contents: [{ uri, mimeType: stored.mimeType, ...content }] } };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { type: 'tool-error', code: error.code, message: error.message };
  }
}
