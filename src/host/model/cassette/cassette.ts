/** Answers of a model kept in a file, so that tests of a program hear the same words each time, without a network or a key. */
import { createHash } from 'node:crypto';

import { HostError, messageOf, toHostError } from '../../../errors.ts';
import { createRedactor } from '../../secret/redactor.ts';
import { cancelledFailure } from '../failure.ts';
import type { Model, ModelEvent, ModelFailure, ModelRequest } from '../model.ts';
import type { ModelSet } from '../resolve.ts';
import { CassetteFile, type Recording } from './cassette-file.ts';
import { nearest } from './difference.ts';
import { normalised } from './normalise.ts';
import { cleanAnswer } from './recorded-answer.ts';

export interface CassetteOptions {
  /**
   * `replay` asks no model; what is not in the file is the failure `not-recorded`. `record` asks for everything, and what
   * is recorded anew takes the place of what was. `auto`, by default, asks only for what is not in the file.
   */
  readonly mode?: CassetteMode;
  /** Takes out of a text of a request what differs from run to run, beyond dates, ids, ports and folders. */
  readonly normalise?: (text: string) => string;
  /** Values that may not be in the file; what has the shape of a secret is masked anyway. */
  readonly secrets?: readonly string[];
}

export type CassetteMode = 'record' | 'replay' | 'auto';

/**
 * The file holds one answer a line, as JSON. A request is found by all that it asks, whatever of it differs from run to
 * run left out; one that is asked several times gets its answers in the order in which they were recorded. Several
 * processes may record to one file. Throws HostError `cassette-broken`, which names the line.
 */
export function cassette(model: Model, file: string, options: CassetteOptions = {}): Model {
  return onTape(model, new Tape(file, options));
}

export function onTape(model: Model, tape: Tape): Model {
  return {
    id: model.id,
    limits: tape.limitsOf(model.id) ?? model.limits,
    costUsd: (usage) => model.costUsd(usage),
    stream: (request, { signal }) => tape.play(model, request, signal),
  };
}

/** One file as one program plays and records it, for however many models. Throws HostError `cassette-broken`. */
export class Tape {
  readonly mode: CassetteMode;
  readonly file: string;
  readonly #file: CassetteFile;
  readonly #normalise: (text: string) => string;
  readonly #redactor: ReturnType<typeof createRedactor>;
  /** How many answers to each request were given. */
  readonly #played = new Map<string, number>();

  constructor(
    file: string,
    { mode = 'auto', normalise = (text) => text, secrets = [] }: CassetteOptions = {},
  ) {
    this.file = file;
    this.mode = mode;
    this.#file = new CassetteFile(file);
    this.#normalise = normalise;
    this.#redactor = createRedactor({ known: [...secrets] });
    if (mode !== 'record') this.#file.read();
  }

  /** What the model that was recorded took: requests are made for it. */
  limitsOf(model: string): Model['limits'] | undefined {
    if (this.mode === 'record') return undefined;
    return this.#file.read().findLast((recording) => recording.model === model)?.limits;
  }

  /** The model that was recorded first. */
  get firstModel(): string | undefined {
    return this.mode === 'record' ? undefined : this.#file.read()[0]?.model;
  }

  async *play(model: Model, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    if (signal.aborted) {
      yield { type: 'error', failure: cancelledFailure(model.id) };
      return;
    }
    const asked = this.#redactor.value(normalised(request, this.#normalise));
    const key = createHash('sha256')
      .update(JSON.stringify([model.id, asked]))
      .digest('hex')
      .slice(0, 32);
    let recordings: readonly Recording[] = [];
    try {
      if (this.mode !== 'record') recordings = this.#file.read();
    } catch (error) {
      yield { type: 'error', failure: failed(model, toHostError(error).message) };
      return;
    }
    const known = recordings.filter((recording) => recording.key === key);
    const played = this.#played.get(key) ?? 0;
    const answer = known[played]?.answer;
    if (answer !== undefined) {
      this.#played.set(key, played + 1);
      yield* answer;
      return;
    }
    if (this.mode === 'replay') {
      const why =
        known.length > 0
          ? `holds ${known.length} answer(s) to this request, and all were given`
          : `holds no answer to this request. ${nearest(recordings, model.id, asked)}`;
      yield {
        type: 'error',
        failure: failed(model, `${this.file} ${why} Record it with the mode "record".`),
      };
      return;
    }
    const heard: ModelEvent[] = [];
    for await (const event of model.stream(request, { signal })) {
      if (event.type === 'message-end') {
        heard.push(event);
        const recording = {
          key,
          model: model.id,
          limits: model.limits,
          request: asked,
          answer: cleanAnswer(heard, this.#redactor),
        };
        try {
          await this.#file.add(recording, { replaces: this.mode === 'record', signal });
        } catch (error) {
          const failure = signal.aborted ? cancelledFailure(model.id) : failed(model, messageOf(error));
          yield { type: 'error', failure };
          return;
        }
        if (this.mode === 'auto') this.#played.set(key, played + 1);
      } else if (event.type === 'restart') heard.length = 0;
      else if (event.type !== 'waiting') heard.push(event);
      yield event;
    }
  }
}

/**
 * Models whose every one is on this tape. Where none is in reach, `default` is the one that was recorded first: whoever
 * replays needs no key.
 */
export function cassetteModels(set: ModelSet, tape: Tape): ModelSet {
  const first = tape.firstModel;
  const recorded = first === undefined ? undefined : onTape(recordedModel(first), tape);
  return {
    ...set,
    get: (name) => set.get(name) ?? (name === 'default' ? recorded : undefined),
    choice: `${set.choice} Answers are ${TOLD[tape.mode]} ${tape.file}.`,
  };
}

const TOLD = {
  replay: 'replayed from',
  record: 'recorded to',
  auto: 'replayed from, where they are there, and else recorded to',
} as const satisfies Record<CassetteMode, string>;

/** A model of which nothing is there but its recorded answers. */
function recordedModel(id: string): Model {
  const message = 'There is no such model in reach here; only what is recorded can be answered.';
  return {
    id,
    limits: { maxTools: 128 },
    costUsd: async () => undefined,
    async *stream() {
      yield { type: 'error', failure: failed({ id }, message) };
    },
  };
}

/** Throws HostError `usage` for what is no mode. */
export function cassetteMode(mode: string | undefined): CassetteMode {
  if (mode === undefined || mode === '') return 'auto';
  if (mode === 'record' || mode === 'replay' || mode === 'auto') return mode;
  throw new HostError('usage', `SWITCHYARD_CASSETTE_MODE is '${mode}'. It may be record, replay or auto.`);
}

function failed({ id }: Pick<Model, 'id'>, text: string): ModelFailure {
  return { code: 'not-recorded', message: `${id}: ${text}`, retryable: false, model: id };
}
