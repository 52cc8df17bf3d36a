/** Bodies of rows that are too large to stand in the database: a file each, in a folder for each run. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'journal';

/** UTF-16 units. Below it a row costs less in the database than a file does. */
export const BESIDE_CHARACTERS = 500_000;

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
      const bytes = Buffer.from(body);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  read(runId: string, number: number): string {
    return readFileSync(this.#fileOf(runId, number), 'utf8');
  }

  remove(runId: string): void {
    rmSync(this.#folderOf(runId), { recursive: true, force: true });
  }

  #folderOf(runId: string): string {
    return join(this.#folder, runId);
  }

  #fileOf(runId: string, number: number): string {
    return join(this.#folderOf(runId), `${number}.json`);
  }
}
