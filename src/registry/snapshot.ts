/**
 * What a server offered when it was last asked, kept under `catalog/`, so that the catalog answers before any server is
 * up. The file's name is a hash of the launch fields; nothing of `env` or `headers` is in it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import { messageOf } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { LogSink } from './contract.ts';
import type { ServerEntries } from './listing.ts';

const FORMAT = 1;

export interface Snapshot {
  readonly era: 'modern' | 'legacy';
  readonly transport: 'stdio' | 'http' | 'sse';
  readonly protocolVersion?: string;
  readonly serverInfo?: JsonObject;
  readonly instructions?: string;
  readonly entries: ServerEntries;
  readonly notices: readonly string[];
  /** It asked its client something without saying for which call. */
  readonly asks?: true;
}

export class SnapshotFile {
  readonly #path: string;
  readonly #folder: string;
  readonly #server: string;
  readonly #log: LogSink;
  #written: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(homeFolder: string, definition: StdioDefinition | RemoteDefinition, log: LogSink) {
    this.#folder = join(homeFolder, 'catalog');
    this.#path = join(this.#folder, `${launchHash(definition)}.json`);
    this.#server = definition.name;
    this.#log = log;
  }

  /** Undefined where there is none, or where it is damaged; a damaged one is logged and written afresh later. */
  read(): Snapshot | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#warn('snapshot-unreadable', error);
      return undefined;
    }
    try {
      const snapshot = parse(text);
      this.#written = text;
      return snapshot;
    } catch (error) {
      this.#warn('snapshot-damaged', error);
      return undefined;
    }
  }

  /** Writes atomically, one after another, and not at all where nothing changed. Never rejects. */
  write(snapshot: Snapshot): Promise<void> {
    const text = JSON.stringify({ format: FORMAT, ...snapshot });
    if (text === this.#written) return this.#writing;
    this.#written = text;
    this.#writing = this.#writing.then(async () => {
      try {
        const { default: writeFileAtomic } = await import('write-file-atomic');
        mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
        await writeFileAtomic(this.#path, text, { mode: 0o600 });
      } catch (error) {
        this.#written = undefined;
        this.#warn('snapshot-not-written', error);
      }
    });
    return this.#writing;
  }

  /** Resolves when what was to be written is on disk. */
  settled(): Promise<void> {
    return this.#writing;
  }

  #warn(event: string, error: unknown): void {
    this.#log({
      level: 'warn',
      component: 'registry',
      event,
      server: this.#server,
      fields: { file: this.#path, reason: messageOf(error).slice(0, 200) },
    });
  }
}

/** Equal for definitions that start or reach the same thing in the same way. */
export function launchHash(definition: StdioDefinition | RemoteDefinition): string {
  const sorted = (record: Readonly<Record<string, string>>) =>
    Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
  const fields =
    definition.type === 'stdio'
      ? [definition.type, definition.command, definition.args, sorted(definition.env), definition.cwd ?? null]
      : [definition.type, definition.url, sorted(definition.headers)];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

function parse(text: string): Snapshot {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value) || value['format'] !== FORMAT) throw new Error('It has another format.');
  const { entries } = value;
  if (!isJsonObject(entries)) throw new Error('It holds no entries.');
  const lists: readonly [string, string][] = [
    ['tools', 'name'],
    ['resources', 'uri'],
    ['resourceTemplates', 'uriTemplate'],
    ['prompts', 'name'],
  ];
  for (const [key, identity] of lists) {
    const list = entries[key];
    const whole =
      Array.isArray(list) && list.every((item) => isJsonObject(item) && typeof item[identity] === 'string');
    if (!whole) throw new Error(`Its list '${key}' is not whole.`);
  }
  return value as unknown as Snapshot;
}
