import { createHash } from 'node:crypto';

import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { Embed, StepContext } from '../context.ts';
import type { DeltaEventInput, StoredEventInput } from '../event.ts';
import { deltaKey, type EventStream } from './event-stream.ts';
import type { StepPlace } from './journal.ts';
import { type RunJournal, stepIdOf } from './run-journal.ts';

export interface OpenStepOptions {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly journal: RunJournal;
  readonly stream: EventStream;
  readonly throwIfAborted: () => void;
  /** Returns its number. */
  readonly store: (event: StoredEventInput) => number;
  readonly embed: Embed | undefined;
}

/**
 * A step under way. A class, because V8 gives each object literal with getters a shape of its own, which outlives it and
 * keeps what the getters see. Functions are fields: whoever is handed a step takes them out of it.
 */
export class OpenStep implements StepContext {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly #place: StepPlace;
  readonly #options: OpenStepOptions;
  /** How far each text of this attempt has come, by its `deltaKey`. */
  #offsets: Map<string, number> | undefined;
  #attempt = 1;
  /** The number of what was stored of it last. */
  #lastStored = 0;

  constructor(place: StepPlace, options: OpenStepOptions) {
    this.id = stepIdOf(place);
    this.signal = options.signal;
    this.#place = place;
    this.#options = options;
    const before = options.journal.attempts(this.id);
    if (before === 0) return;
    this.#attempt = before + 1;
    this.#store({ type: 'step-restart', step: this.id, attempt: this.#attempt, reason: 'resume' });
  }

  get attempt(): number {
    return this.#attempt;
  }

  /** Made when it is asked for: few steps use it, and every step would pay for the hash. */
  get idempotencyKey(): string {
    return createHash('sha256').update(`${this.#options.runId}\n${this.id}`).digest('hex').slice(0, 32);
  }

  get claims(): readonly JsonObject[] {
    return this.#options.journal.claims(this.#place.path, this.#place.ordinal);
  }

  readonly claim = (claim: JsonObject): void => {
    this.#options.throwIfAborted();
    this.#options.journal.claim(this.#place, claim);
  };

  readonly written = async (): Promise<void> => {
    this.#options.throwIfAborted();
    await this.#options.journal.written();
    this.#options.throwIfAborted();
  };

  readonly embed = async (texts: readonly string[]): Promise<readonly Float32Array[]> => {
    const { embed } = this.#options;
    if (embed === undefined) throw new HostError('embedder-unavailable', 'This host has no embedder.');
    return embed(texts, this.signal);
  };

  readonly emit = (event: StoredEventInput | DeltaEventInput): void => {
    const { journal, stream, runId } = this.#options;
    if (!isDelta(event)) {
      this.#store(event);
      return;
    }
    // What is stored of the step comes before what it says.
    journal.show(this.#lastStored);
    const key = deltaKey(event);
    this.#offsets ??= new Map();
    const offset = this.#offsets.get(key) ?? 0;
    this.#offsets.set(key, offset + event.text.length);
    const { path } = this.#place;
    const about = { runId, path, at: Date.now(), step: this.id, attempt: this.#attempt, offset };
    stream.pushDelta(Object.assign(about, event), key);
  };

  readonly restart = (
    reason: Parameters<StepContext['restart']>[0],
    detail?: Parameters<StepContext['restart']>[1],
  ): void => {
    this.#attempt += 1;
    this.#offsets = undefined;
    this.#options.stream.forgetDeltas(this.id);
    this.#store({ type: 'step-restart', step: this.id, attempt: this.#attempt, reason, ...detail });
  };

  #store(event: StoredEventInput): void {
    this.#lastStored = this.#options.store(event);
  }
}

function isDelta(event: StoredEventInput | DeltaEventInput): event is DeltaEventInput {
  return event.type === 'text-delta' || event.type === 'thinking-delta' || event.type === 'tool-input-delta';
}
