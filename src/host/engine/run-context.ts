import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { HostError, toHostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Budget, ModelHandle, RunContext, RunInfo, StepContext, ToolHandle } from '../context.ts';
import type { DeltaEventInput, EventError, StoredEventInput } from '../event.ts';
import type { JournalIndex } from './journal.ts';
import { deltaKey, type EventStream } from './event-stream.ts';

/** What all contexts of one run share. */
export interface RunShared {
  readonly run: RunInfo;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  readonly journal: JournalIndex;
  readonly stream: EventStream;
  readonly model: (context: RunContext, alias: string) => ModelHandle;
  readonly tools: ToolHandle;
  /** Takes secrets out of events and errors before they are stored. */
  readonly redact: <Value extends JsonObject>(value: Value) => Value;
  /** Resolves at the next signal of this run. */
  readonly nextSignal: () => Promise<void>;
}

/** One path of a run: steps and events in the order in which the workflow asks for them. */
export class PathContext implements RunContext {
  readonly #shared: RunShared;
  readonly #path: string;
  readonly #branches = new Set<string>();
  readonly #signalsTaken = new Map<string, number>();
  #stepOrdinal = 0;
  #eventOrdinal = 0;
  #openStep: string | undefined;

  constructor(shared: RunShared, path: string) {
    this.#shared = shared;
    this.#path = path;
  }

  get run(): RunInfo {
    return this.#shared.run;
  }

  get budget(): Budget {
    return this.#shared.budget;
  }

  get signal(): AbortSignal {
    return this.#shared.signal;
  }

  get tools(): ToolHandle {
    return this.#shared.tools;
  }

  model(alias: string): ModelHandle {
    return this.#shared.model(this, alias);
  }

  branch(name: string): RunContext {
    if (this.#branches.has(name)) {
      throw new HostError(
        'branch-exists',
        `Path "${this.#path}" has a branch "${name}" already; each needs a name of its own.`,
      );
    }
    this.#branches.add(name);
    return new PathContext(this.#shared, this.#path === '' ? name : `${this.#path}/${name}`);
  }

  emit(event: StoredEventInput): void {
    const place = { path: this.#path, ordinal: this.#eventOrdinal++ };
    if (!this.#shared.journal.hasEvent(place.path, place.ordinal)) this.#store(event, place);
  }

  async step<T extends Json>(name: string, work: (step: StepContext) => Promise<T>): Promise<T> {
    if (this.#openStep !== undefined) {
      throw new HostError(
        'step-open',
        `Step "${name}" was started on path "${this.#path}" while "${this.#openStep}" is open there. Await it first, or use a branch for work side by side.`,
      );
    }
    const ordinal = this.#stepOrdinal++;
    const row = this.#shared.journal.step(this.#path, ordinal, name);
    if (row) {
      if ('error' in row) throw errorFromJournal(row.error);
      return JSON.parse(row.result) as T;
    }
    this.#throwIfAborted();
    this.#openStep = name;
    const id = `${this.#path}#${ordinal}:${name}`;
    try {
      const result = toJsonText(await work(this.#stepContext(id)), id);
      this.#shared.journal.append({ type: 'step', path: this.#path, ordinal, name, result });
      return JSON.parse(result) as T;
    } catch (thrown) {
      // A cancelled run's open step has no outcome of its own, and a row that could not be kept is not a step's failure.
      this.#throwIfAborted();
      const error = toHostError(thrown);
      if (error.code === 'journal-unavailable') throw error;
      const journaled = this.#shared.redact(toEventError(error));
      this.#shared.journal.append({ type: 'step', path: this.#path, ordinal, name, error: journaled });
      throw error;
    } finally {
      this.#openStep = undefined;
      this.#shared.stream.forgetDeltas(id);
    }
  }

  now(): Promise<number> {
    return this.step('now', async () => Date.now());
  }

  random(): Promise<number> {
    return this.step('random', async () => Math.random());
  }

  async sleep(ms: number): Promise<void> {
    const until = await this.step('sleep-until', async () => Date.now() + ms);
    const leftMs = until - Date.now();
    if (leftMs <= 0) return;
    await delay(leftMs, undefined, { signal: this.signal }).catch((thrown: unknown) => {
      this.#throwIfAborted();
      throw thrown;
    });
  }

  waitFor<T extends Json>(signal: string, options: { readonly timeoutMs?: number } = {}): Promise<T> {
    const ordinal = this.#signalsTaken.get(signal) ?? 0;
    this.#signalsTaken.set(signal, ordinal + 1);
    return this.step<T>(`wait:${signal}`, async (step) => {
      const timeout = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs);
      const ended = abortPromise(timeout ? AbortSignal.any([step.signal, timeout]) : step.signal);
      for (;;) {
        const value = this.#shared.journal.signals(signal)[ordinal];
        if (value !== undefined) return JSON.parse(value) as T;
        if (timeout?.aborted) {
          throw new HostError('wait-timeout', `No "${signal}" came within ${options.timeoutMs} ms.`);
        }
        this.#throwIfAborted();
        await Promise.race([this.#shared.nextSignal(), ended]);
      }
    });
  }

  #stepContext(id: string): StepContext {
    const { run, signal, stream } = this.#shared;
    const offsets = new Map<string, number>();
    let attempt = 1;
    const context = {
      id,
      get attempt() {
        return attempt;
      },
      // Made when it is asked for: few steps use it, and every step would pay for the hash.
      get idempotencyKey() {
        return createHash('sha256').update(`${run.id}\n${id}`).digest('hex').slice(0, 32);
      },
      signal,
      emit: (event: StoredEventInput | DeltaEventInput): void => {
        if (!isDelta(event)) {
          this.#store(event);
          return;
        }
        const key = deltaKey(event);
        const offset = offsets.get(key) ?? 0;
        offsets.set(key, offset + event.text.length);
        const place = { runId: run.id, path: this.#path, at: Date.now(), step: id, attempt, offset };
        stream.pushDelta(Object.assign(place, event), key);
      },
      restart: (reason: 'retry' | 'fallback', detail?: Parameters<StepContext['restart']>[1]): void => {
        attempt += 1;
        offsets.clear();
        stream.forgetDeltas(id);
        this.#store({ type: 'step-restart', step: id, attempt, reason, ...detail });
      },
    };
    return context;
  }

  #store(event: StoredEventInput, place?: { readonly path: string; readonly ordinal: number }): void {
    const stored = {
      ...this.#shared.redact(event),
      ...this.#place(),
      number: this.#shared.stream.lastNumber + 1,
    };
    this.#shared.journal.append({ type: 'event', event: stored, ...(place ? { place } : {}) });
    this.#shared.stream.pushStored(stored);
  }

  #place(): { readonly runId: string; readonly path: string; readonly at: number } {
    return { runId: this.run.id, path: this.#path, at: Date.now() };
  }

  #throwIfAborted(): void {
    if (this.signal.aborted) throw toHostError(this.signal.reason, 'cancelled');
  }
}

export function toEventError(error: HostError): EventError {
  return {
    code: error.code,
    message: error.message,
    ...(error.data === undefined ? {} : { data: error.data }),
  };
}

function errorFromJournal(error: EventError): HostError {
  return new HostError(error.code, error.message, error.data === undefined ? {} : { data: error.data });
}

function isDelta(event: StoredEventInput | DeltaEventInput): event is DeltaEventInput {
  return event.type === 'text-delta' || event.type === 'thinking-delta' || event.type === 'tool-input-delta';
}

/** JSON has no `undefined`, functions or cycles: what it cannot carry is an error here rather than a difference at resume. */
function toJsonText(value: unknown, step: string): string {
  const text = JSON.stringify(value);
  if (text === undefined) {
    throw new HostError(
      'step-not-json',
      `Step ${step} returned ${typeof value}, which JSON cannot carry. Return null for nothing.`,
    );
  }
  return text;
}

function abortPromise(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
