/** What `install` did to which file, so that `uninstall` leaves it as it was: `installs.json` in our home folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { HostError, messageOf } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { isMissing } from './config-text.ts';

export type InstallRecord = {
  /** A copy of the file as it was; absent where there was none. */
  readonly backup?: string;
  /** SHA-256 of what was written. Absent: the copy is not what the file was without our entry. */
  readonly written?: string;
  /** The folders that were made for it, the outermost first. */
  readonly folders: readonly string[];
};

export class InstallRecords {
  readonly #file: string;

  constructor(homeFolder: string) {
    this.#file = join(homeFolder, 'installs.json');
  }

  async get(path: string): Promise<InstallRecord | undefined> {
    const record = (await this.#read())[path];
    if (!isJsonObject(record)) return undefined;
    const { backup, written, folders } = record;
    return {
      ...(typeof backup === 'string' ? { backup } : {}),
      ...(typeof written === 'string' ? { written } : {}),
      folders: Array.isArray(folders) ? folders.map(String) : [],
    };
  }

  async set(path: string, record: InstallRecord | undefined): Promise<void> {
    const { [path]: _old, ...files } = await this.#read();
    const { default: writeFileAtomic } = await import('write-file-atomic');
    const value = { version: 1, files: record === undefined ? files : { ...files, [path]: record } };
    await writeFileAtomic(this.#file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  }

  async #read(): Promise<JsonObject> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#file, 'utf8'));
      return isJsonObject(value) && isJsonObject(value['files']) ? value['files'] : {};
    } catch (error) {
      if (isMissing(error)) return {};
      throw new HostError(
        'installs-unreadable',
        `${this.#file}, which remembers what was installed, cannot be read: ${messageOf(error)}. Mend or delete it.`,
        { cause: error },
      );
    }
  }
}
