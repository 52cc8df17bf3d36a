/** The file of a cassette: one recording a line, as JSON that a person can read and a diff can show. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { z } from 'zod';

import { withWriteLock } from '../../../database/write-lock.ts';
import { HostError, messageOf } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { ModelEvent, ModelLimits } from '../model.ts';

export interface Recording {
  /** Of the model and the request. */
  readonly key: string;
  readonly model: string;
  readonly limits: ModelLimits;
  /** As it is compared: what differs from run to run is left out. */
  readonly request: Json;
  readonly answer: readonly ModelEvent[];
  /** Tells the recordings of one program from those before it. */
  readonly session: string;
  /** From 1, in the file. */
  readonly line: number;
}

const lineSchema = z.looseObject({
  key: z.string().min(1),
  model: z.string().min(1),
  session: z.string(),
  limits: z.looseObject({ maxTools: z.number() }),
  request: z.json(),
  answer: z.array(z.looseObject({ type: z.string() })).min(1),
});

export class CassetteFile {
  readonly #file: string;
  readonly #session = randomBytes(4).toString('hex');
  #read: { readonly stamp: string; readonly recordings: readonly Recording[] } | undefined;

  constructor(file: string) {
    this.#file = resolve(file);
  }

  /** Empty where there is no file. Throws HostError `cassette-broken`. */
  read(): readonly Recording[] {
    const stats = statSync(this.#file, { throwIfNoEntry: false });
    if (stats === undefined) return [];
    const stamp = `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
    if (this.#read?.stamp === stamp) return this.#read.recordings;
    const recordings = parse(readFileSync(this.#file, 'utf8'), this.#file);
    this.#read = { stamp, recordings };
    return recordings;
  }

  /** `replaces`: what other programs recorded of the same request goes. The file is whole at every moment. */
  async add(
    recording: Omit<Recording, 'session' | 'line'>,
    { replaces, signal }: { readonly replaces: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    const { default: writeFileAtomic } = await import('write-file-atomic');
    mkdirSync(dirname(this.#file), { recursive: true });
    // Not beside the file, which belongs to a repository.
    const lock = join(
      tmpdir(),
      `switchyard-cassette-${createHash('sha256').update(this.#file).digest('hex').slice(0, 24)}.lock`,
    );
    await withWriteLock(lock, signal, async () => {
      const kept = this.read().filter(
        ({ key, session }) => !replaces || key !== recording.key || session === this.#session,
      );
      const lines = [...kept.map(lineOf), lineOf({ ...recording, session: this.#session })];
      await writeFileAtomic(this.#file, `${lines.join('\n')}\n`);
    });
  }
}

function lineOf({ key, model, session, limits, request, answer }: Omit<Recording, 'line'>): string {
  return JSON.stringify({ key, model, session, limits, request, answer });
}

function parse(text: string, file: string): Recording[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const broken = (why: string): HostError =>
      new HostError(
        'cassette-broken',
        `${file}:${index + 1} is no recording: ${why}. Delete the line, and record it again.`,
      );
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw broken(messageOf(error));
    }
    const parsed = lineSchema.safeParse(value);
    if (!parsed.success) throw broken(z.prettifyError(parsed.error).replaceAll(/\s+/g, ' '));
    const end = parsed.data.answer.at(-1)?.type;
    if (end !== 'message-end') throw broken(`its answer ends with '${end}' and not with 'message-end'`);
    return [{ ...(parsed.data as unknown as Omit<Recording, 'line'>), line: index + 1 }];
  });
}
