/** Runs one look into a stored result in a thread of its own, which ends with its time. */
import { Worker } from 'node:worker_threads';

import { HostError, messageOf } from '../../errors.ts';
import type { Json } from '../../json.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
/** Deeply nested JSON is walked by recursion: a thread may have a far larger stack than the program. */
const STACK_MB = 256;
const HEAP_MB = 2_048;

/** What a thread posts: once, as its last word. */
export type ThreadAnswer<Answer> =
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'refused'; readonly message: string };

export interface ThreadWork {
  /** A file beside this one, without its extension. */
  readonly name: 'search-thread' | 'query-thread';
  readonly data: Json;
  /** What to do when it takes too long, as a sentence. */
  readonly slowAdvice: string;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
}

/** Rejects with HostError `result-unreadable`, or with the signal's reason. */
export async function inThread<Answer>({
  name,
  data,
  slowAdvice,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  signal,
}: ThreadWork): Promise<Answer> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const refuse = (message: string): void => reject(new HostError('result-unreadable', message));
  const worker = new Worker(threadFile(name), {
    workerData: data,
    resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: HEAP_MB },
  });
  worker.on('message', (message: ThreadAnswer<Answer>) => {
    if (message.type === 'answer') resolve(message.answer);
    else refuse(message.message);
  });
  worker.on('error', (error) => refuse(`The result could not be looked into: ${messageOf(error)}.`));
  worker.on('exit', (code) => refuse(`Looking into the result ended early (code ${code}).`));
  const timer = setTimeout(
    () => refuse(`It took longer than ${timeoutMs / 1_000} s and was stopped. ${slowAdvice}`),
    timeoutMs,
  );
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}

/** Node runs the source in a checkout and the compiled file in the package. */
function threadFile(name: string): URL {
  return new URL(`./${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
}
