import { cancelledFailure } from './failure.ts';
import type { Model, ModelEvent, ModelFailure, ModelRequest, Usage } from './model.ts';
import type { ProviderBreaker } from './provider-breaker.ts';
import { type Permit, type RequestQueue, WaitRefused } from './request-queue.ts';

export interface Gate {
  readonly breaker: ProviderBreaker;
  /** Entered in this order; what the provider asks to wait is waited for in the first. */
  readonly queues: readonly [RequestQueue, ...RequestQueue[]];
}

/** Who waits longer is told. */
const TOLD_AFTER_MS = 1_000;

/** A model that is asked when its provider works and the limits allow it. `waiting` is the first event of a longer wait. */
export function gated(model: Model, { breaker, queues }: Gate): Model {
  const [first] = queues;

  const stream = (
    request: ModelRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> => ({
    // An iterator of its own and no generator: it stands in the way of every event of every answer.
    [Symbol.asyncIterator]() {
      const permits: Permit[] = [];
      let events: AsyncIterator<ModelEvent> | undefined;
      let entering: Entered | Promise<Entered> | undefined;
      let isTold = false;
      let isAccepted = false;
      let isOver = false;
      let ended: ((failure: ModelFailure | undefined) => void) | undefined;

      const end = (failure: ModelFailure | undefined, usage?: Usage): void => {
        if (isOver) return;
        isOver = true;
        ended?.(failure);
        const limited = failure?.code === 'rate-limited' || failure?.code === 'overloaded';
        if (limited && failure.retryAfterMs !== undefined) first.pause(failure.retryAfterMs);
        for (const permit of permits) permit.release(usage === undefined ? undefined : tokensOf(usage));
      };
      const enter = (): Entered | Promise<Entered> => {
        const refused = breaker.refusal(model.id);
        if (refused !== undefined) return { failure: refused };
        const tokens = queues.some(({ countsTokens }) => countsTokens) ? roughTokens(request) : 0;
        if (signal.aborted) return { failure: cancelledFailure(model.id) };
        // Mostly nobody waits: then nothing has to be waited for here either.
        for (const [index, queue] of queues.entries()) {
          const permit = queue.acquire(tokens, signal);
          if (permit instanceof Promise) return wait(permit, queues.slice(index + 1), tokens);
          permits.push(permit);
        }
        ended = breaker.begin();
        return ENTERED;
      };
      const wait = async (
        asked: Promise<Permit>,
        others: readonly RequestQueue[],
        tokens: number,
      ): Promise<Entered> => {
        try {
          permits.push(await asked);
          for (const queue of others) permits.push(await queue.acquire(tokens, signal));
        } catch (error) {
          if (error instanceof WaitRefused) return { failure: limitedFailure(model.id, error.waitMs) };
          if (signal.aborted) return { failure: cancelledFailure(model.id) };
          throw error;
        }
        // Who waited may find that the provider broke down meanwhile.
        const failure = breaker.refusal(model.id);
        if (failure !== undefined) return { failure };
        ended = breaker.begin();
        return ENTERED;
      };
      const begin = ({ failure }: Entered): Promise<Result> => {
        if (isOver && failure === undefined) return Promise.resolve(DONE);
        if (failure !== undefined) {
          end(failure);
          return Promise.resolve({ done: false, value: { type: 'error', failure } });
        }
        events = model.stream(request, { signal })[Symbol.asyncIterator]();
        return events.next().then(take, lost);
      };
      // Nobody closes an iterator that threw.
      const lost = (error: unknown): never => {
        end(cancelledFailure(model.id));
        throw error;
      };
      const take = (result: Result): Result => {
        if (result.done === true) {
          end(cancelledFailure(model.id));
          return result;
        }
        const event = result.value;
        if (event.type === 'error') end(event.failure);
        else if (event.type === 'message-end') end(undefined, event.usage);
        else if (!isAccepted) {
          isAccepted = true;
          for (const permit of permits) permit.accepted();
        }
        return result;
      };
      const enterOrTell = async (): Promise<Result> => {
        entering ??= enter();
        if (!(entering instanceof Promise)) return begin(entering);
        if (isTold) return begin(await entering);
        const entered = await within(entering, TOLD_AFTER_MS);
        if (entered !== undefined) return begin(entered.value);
        isTold = true;
        return { done: false, value: { type: 'waiting', model: model.id, message: waitingText(model.id) } };
      };
      return {
        next() {
          if (events !== undefined) return events.next().then(take, lost);
          return isOver ? Promise.resolve(DONE) : enterOrTell();
        },
        async return() {
          await events?.return?.();
          if (isOver) return DONE;
          if (events === undefined && entering !== undefined) {
            // Whoever left before it was its turn gives back what it gets then.
            isOver = true;
            void Promise.resolve(entering).finally(() => {
              ended?.(cancelledFailure(model.id));
              for (const permit of permits) permit.release();
            });
          } else end(cancelledFailure(model.id));
          return DONE;
        },
      };
    },
  });
  return { id: model.id, limits: model.limits, costUsd: (usage) => model.costUsd(usage), stream };
}

type Result = IteratorResult<ModelEvent>;

/** Without a failure it is its turn. */
type Entered = { readonly failure?: ModelFailure };

const ENTERED: Entered = {};

const DONE: Result = { done: true, value: undefined };

/** Undefined: it takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<{ readonly value: T } | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise.then((value) => ({ value })), late]);
  } finally {
    clearTimeout(timer);
  }
}

function waitingText(model: string): string {
  return `${model}: waiting for its turn, within the limits of its provider and of modelLimits.`;
}

function limitedFailure(model: string, waitMs: number): ModelFailure {
  const seconds = Math.ceil(waitMs / 1_000);
  return {
    code: 'rate-limited',
    message: `${model}: its provider asked to wait, which is over in ${seconds} s. Wait, or name a second model as fallback.`,
    retryable: false,
    retryAfterMs: waitMs,
    model,
  };
}

function tokensOf({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
  unknown,
}: Usage): number | undefined {
  return unknown ? undefined : inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
}

/** Before the provider counts them: four characters are a token, more or less. */
function roughTokens({ system = '', messages, tools }: ModelRequest): number {
  const characters = JSON.stringify([system, messages, tools], (key, value: unknown) =>
    key === 'base64' || key === 'opaque' ? undefined : value,
  ).length;
  return Math.ceil(characters / 4);
}
