import { appendFile, chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import writeFileAtomic from 'write-file-atomic';

/** What the person typed in earlier chats, one JSON text a line, secrets masked. Many chats append to it. */
const FILE_NAME = 'chat-history.jsonl';
const MAX_ENTRIES = 500;
const MAX_CHARACTERS = 8_000;

export class InputHistory {
  readonly #file: string;
  readonly #masked: (text: string) => string;

  constructor(homeFolder: string, masked: (text: string) => string) {
    this.#file = join(homeFolder, FILE_NAME);
    this.#masked = masked;
  }

  /** Oldest first. A file that cannot be read is an empty history; lines that are no JSON text are passed over. */
  async load(): Promise<readonly string[]> {
    const lines = await this.#lines();
    const kept = lines.slice(-MAX_ENTRIES);
    if (lines.length > 2 * MAX_ENTRIES) await this.#rewrite(kept);
    return kept.flatMap(entryOf);
  }

  async add(request: string): Promise<void> {
    if (request.length > MAX_CHARACTERS) return;
    await appendFile(this.#file, `${JSON.stringify(this.#masked(request))}\n`, { mode: 0o600 });
    // A file that someone else made may be open to others.
    await chmod(this.#file, 0o600);
  }

  /** Takes out what was typed with exactly these words. */
  async forget(requests: readonly string[]): Promise<void> {
    const gone = new Set(requests.map((request) => request.trim()));
    const lines = await this.#lines();
    const kept = lines.filter((line) => !entryOf(line).some((entry) => gone.has(entry.trim())));
    if (kept.length < lines.length) await this.#rewrite(kept);
  }

  async #lines(): Promise<string[]> {
    try {
      const text = await readFile(this.#file, 'utf8');
      return text.split('\n').filter((line) => line !== '');
    } catch {
      // There is none yet, or it cannot be read: the chat works without.
      return [];
    }
  }

  async #rewrite(lines: readonly string[]): Promise<void> {
    await writeFileAtomic(this.#file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  }
}

function entryOf(line: string): string[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'string' ? [value] : [];
  } catch {
    // Half a line that a dying process left.
    return [];
  }
}
