/** Parts side by side, until enough of them have ended: which those were is journaled, so that a resumed run takes the same. */
import { HostError, toHostError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { RunContext } from '../../context.ts';
import { isOwnFailure } from '../../agent/local-tool.ts';
import { SETTLED } from '../../engine/run-journal.ts';

/** Works on a branch of its own; nothing begins there any more once `stop` is aborted. */
export type Worker<Output extends Json> = (stop: AbortSignal) => Promise<Output>;

export type Settled<Output extends Json> = { readonly index: number } & (
  | { readonly type: 'done'; readonly output: Output }
  | { readonly type: 'failed'; readonly error: HostError }
);

export interface SettleOptions {
  /** How many work at the same time. */
  readonly concurrency: number;
  /** Asked after each end. */
  readonly isEnough: (ends: Ends) => boolean;
}

/** How many have come to which end so far. */
export interface Ends {
  readonly done: number;
  readonly failed: number;
}

/** `ended`: the workers in the order of their ends. The first `begun` of all had begun by then. */
type Decision = { readonly ended: readonly number[]; readonly begun: number };

/**
 * Gives the ends in their order. Once there are enough, nothing begins any more in the other workers: what is under way there
 * comes to its end, and nobody waits for it. Rejects with what ends more than one worker, such as a limit of the run, when
 * all have come to a stop.
 */
export async function settle<Output extends Json>(
  context: RunContext,
  workers: readonly Worker<Output>[],
  options: SettleOptions,
): Promise<readonly Settled<Output>[]> {
  if (!context.isJournaled) return settleAnew(context, workers, options);
  const { ended, begun } = await context.step<Decision>(SETTLED, async () => {
    throw new HostError('internal', 'The journal holds no decision where it should.');
  });
  return settleAsDecided(workers, ended, begun, options.concurrency);
}

async function settleAnew<Output extends Json>(
  context: RunContext,
  workers: readonly Worker<Output>[],
  { concurrency, isEnough }: SettleOptions,
): Promise<readonly Settled<Output>[]> {
  const stop = new AbortController();
  const settled: Settled<Output>[] = [];
  const ends = { done: 0, failed: 0 };
  const enough = Promise.withResolvers<void>();
  let fatal: { readonly reason: unknown } | undefined;
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < workers.length && fatal === undefined && !stop.signal.aborted) {
      const index = begun++;
      const end = await endOf(workers[index], index, stop.signal);
      if (end === undefined || stop.signal.aborted) continue;
      if (end.type === 'failed' && !isOwnFailure(context, end.error)) {
        fatal ??= { reason: end.error };
        continue;
      }
      settled.push(end);
      ends[end.type] += 1;
      if (!isEnough(ends)) continue;
      stop.abort(new HostError('cancelled', 'Enough of the parts beside this one have ended.'));
      enough.resolve();
    }
  };
  await Promise.race([inLanes(concurrency, lane), enough.promise]);
  if (fatal !== undefined && !stop.signal.aborted) throw fatal.reason;
  const decision = { ended: settled.map(({ index }) => index), begun };
  await context.step<Decision>(SETTLED, async () => decision);
  return settled;
}

/** Takes everything from the journal; those that were not waited for go as far as they had come. */
async function settleAsDecided<Output extends Json>(
  workers: readonly Worker<Output>[],
  ended: readonly number[],
  begun: number,
  concurrency: number,
): Promise<readonly Settled<Output>[]> {
  const ends = new Map<number, Settled<Output>>();
  const isWanted = new Set(ended);
  let next = 0;
  await inLanes(concurrency, async () => {
    while (next < begun) {
      const index = next++;
      const end = await endOf(workers[index], index, isWanted.has(index) ? GOES_ON : IS_STOPPED);
      if (end !== undefined && isWanted.has(index)) ends.set(index, end);
    }
  });
  return ended.flatMap((index) => ends.get(index) ?? []);
}

async function endOf<Output extends Json>(
  worker: Worker<Output> | undefined,
  index: number,
  stop: AbortSignal,
): Promise<Settled<Output> | undefined> {
  if (worker === undefined) return undefined;
  try {
    return { type: 'done', index, output: await worker(stop) };
  } catch (thrown) {
    return { type: 'failed', index, error: toHostError(thrown) };
  }
}

async function inLanes(count: number, lane: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, lane));
}

const GOES_ON = new AbortController().signal;
const IS_STOPPED = AbortSignal.abort(
  new HostError('cancelled', 'Enough of the parts beside this one had ended.'),
);
