import { Worker } from 'node:worker_threads';

import { messageOf } from '../../../errors.ts';
import type { ScriptText } from './module-hooks.ts';

const TIMEOUT_MS = 10_000;
/** Exit code of Node for a module that awaits what nothing is left to settle. */
const UNSETTLED = 13;

/**
 * Imports a script in a thread of its own, which ends with its time: one that never comes to an end, or ends the process,
 * hurts nobody else. Resolves to why it cannot be used, or undefined. What it writes to stdout is dropped.
 */
export async function tryScript(
  { file, hash, files }: ScriptText,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./script-thread.${extension}`, import.meta.url), {
    workerData: { file, hash, files },
    stdout: true,
  });
  worker.once('message', resolve);
  worker.once('error', (error) => resolve(`it fails as it is imported: ${messageOf(error)}`));
  worker.once('exit', (code) =>
    resolve(
      code === UNSETTLED
        ? 'it waits as it is imported for what never comes'
        : `it ends the process as it is imported (code ${code})`,
    ),
  );
  const timer = setTimeout(
    () => resolve(`it does not come to an end within ${timeoutMs / 1_000} s as it is imported`),
    timeoutMs,
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
