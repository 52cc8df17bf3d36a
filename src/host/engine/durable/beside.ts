/** Bodies of rows that are too large to stand in the database: a file each, in a folder for each run. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { HostError, messageOf } from '../../../errors.ts';

const FOLDER = 'journal';

/** UTF-16 units. Below it a row costs less in the database than a file does. */
export const BESIDE_CHARACTERS = 500_000;
const PIECE_CHARACTERS = 1_000_000;

export class BesideFiles {
  readonly #folder: string;

  constructor(homeFolder: string) {
    this.#folder = join(homeFolder, FOLDER);
  }

  /** On the disk when this returns: the row that names it is written after it. */
  write(runId: string, number: number, body: string): void {
    mkdirSync(this.#folderOf(runId), { recursive: true, mode: 0o700 });
    const file = openSync(this.#fileOf(runId, number), 'w', 0o600);
    try {
      for (const piece of pieces(body)) {
        const bytes = Buffer.from(piece);
        for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      }
      fsyncSync(file);
    } catch (error) {
      this.removeRow(runId, number);
      throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Throws HostError `journal-mismatch` where the file is gone: the run stays as it is until it is there again. */
  read(runId: string, number: number): string {
    const file = this.#fileOf(runId, number);
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new HostError(
        'journal-mismatch',
        `Row ${number} of the journal of run ${runId} stands in ${file}, which cannot be read (${messageOf(error)}). ` +
          'Put the file back, or fork the run from a row before it.',
        { cause: error },
      );
    }
  }

  /** On a full disk a file that no row names takes room that is needed. */
  removeRow(runId: string, number: number): void {
    rmSync(this.#fileOf(runId, number), { force: true });
  }

  remove(runId: string): void {
    rmSync(this.#folderOf(runId), { recursive: true, force: true });
  }

  /** Bytes of all that is kept beside of a run. */
  sizeOf(runId: string): number {
    const folder = this.#folderOf(runId);
    return names(folder)
      .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
      .reduce((sum, size) => sum + size, 0);
  }

  /** Removes what is kept of runs that there are no more. */
  sweep(isKept: (runId: string) => boolean): void {
    for (const runId of names(this.#folder)) if (!isKept(runId)) this.remove(runId);
  }

  #folderOf(runId: string): string {
    return join(this.#folder, runId);
  }

  #fileOf(runId: string, number: number): string {
    return join(this.#folderOf(runId), `${number}.json`);
  }
}

/** A copy of all of it as bytes would need its memory once more, up to three times over. */
function* pieces(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + PIECE_CHARACTERS, text.length);
    // Never between the two halves of a surrogate pair.
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
    yield text.slice(start, end);
    start = end;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function names(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
