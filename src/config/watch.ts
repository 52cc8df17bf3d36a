/**
 * Says when the config's file is another than before: edited, replaced, deleted, turned to something else, or led to by
 * another link. Events of the file system are only hints; what counts is that two readings a moment apart are equal and
 * different from what was told last, so that a file that is being written is not read half.
 */
import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { messageOf } from '../errors.ts';
import { trustFile } from './trust.ts';

export interface WatchConfigOptions {
  /** Absolute, symbolic links as they were looked for. */
  readonly path: string;
  readonly homeFolder: string;
  /** Other files that the config is made of, as it is at the moment; a change of one is a change of the config. */
  readonly files?: () => readonly string[];
  readonly onChange: () => void | Promise<void>;
  /** A person accepted something, perhaps at another terminal. */
  readonly onTrust: () => void | Promise<void>;
  /** The file system cannot be watched; changes are not noticed any more. */
  readonly onFailure: (reason: string) => void;
}

/**
 * Looked at this often without a hint: network drives give none, and one may come in the moment in which the folder that
 * a link leads to begins to be watched.
 */
const LOOK_EVERY_MS = 2_000;
const SETTLE_MS = 100;
/** Editors that delete and write anew leave no file for a moment. */
const SETTLE_MISSING_MS = 500;
/** As large as a config can be, and somewhat more: what is larger is only told apart by its size. */
const MAX_READ_BYTES = 5_000_000;

/** Resolves when the watch stands: what changes from then on is noticed. */
export async function watchConfig(options: WatchConfigOptions): Promise<AsyncDisposable> {
  const { path, homeFolder, files = () => [], onChange, onTrust, onFailure } = options;
  const { watch } = await import('chokidar');
  const accepted = trustFile(homeFolder);
  const watched = new Set([path, accepted, await realpath(path).catch(() => path)]);
  const foldersOf = (files: Iterable<string>): Set<string> =>
    new Set([...files].map((file) => dirname(file)));
  const watcher = watch([...foldersOf(watched)], {
    depth: 0,
    // A folder may hold many files, of which one is ours.
    ignored: (entry) => !watched.has(entry) && !foldersOf(watched).has(entry),
    ignoreInitial: true,
    followSymlinks: false,
    atomic: false,
  });
  const ready = new Promise<void>((resolve) => {
    watcher.once('ready', resolve);
    watcher.once('error', () => resolve());
  });
  watcher.on('error', (error) => onFailure(messageOf(error)));
  const config = new SettledFile({
    path,
    onChange: async () => {
      // A link may lead elsewhere now.
      const target = await realpath(path).catch(() => path);
      watched.add(target);
      watcher.add(dirname(target));
      await onChange();
    },
    onFailure,
  });
  const trust = new SettledFile({ path: accepted, onChange: onTrust, onFailure });
  const others = new Map<string, SettledFile>();
  /** One that is looked at for the first time was read with the config a moment ago. */
  const lookAtOthers = (): void => {
    const wanted = new Set(files());
    for (const [file, settled] of others) {
      if (wanted.has(file)) continue;
      settled.close();
      others.delete(file);
    }
    for (const file of wanted) {
      const known = others.get(file);
      known?.check();
      if (known !== undefined) continue;
      const settled = new SettledFile({ path: file, onChange, onFailure });
      others.set(file, settled);
      watched.add(file);
      watcher.add(dirname(file));
      void settled.begin();
    }
  };
  lookAtOthers();
  await Promise.all([config.begin(), trust.begin()]);
  const check = (): void => {
    config.check();
    trust.check();
    lookAtOthers();
  };
  watcher.on('all', check);
  const looking = setInterval(check, LOOK_EVERY_MS).unref();
  await ready;
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(looking);
      config.close();
      trust.close();
      for (const settled of others.values()) settled.close();
      await watcher.close();
    },
  };
}

interface SettledFileOptions {
  readonly path: string;
  readonly onChange: () => void | Promise<void>;
  readonly onFailure: (reason: string) => void;
}

/** One file, and whether it came to rest in another state than the one that was told. */
class SettledFile {
  readonly #options: SettledFileOptions;
  #told = '';
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SettledFileOptions) {
    this.#options = options;
  }

  /** What it is like now needs no telling. */
  async begin(): Promise<void> {
    this.#told = await stateOf(this.#options.path);
  }

  /** Something may have happened to it. */
  check(): void {
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const state = await stateOf(this.#options.path);
    if (this.#closed) return;
    clearTimeout(this.#timer);
    if (state === this.#told) return;
    this.#timer = setTimeout(
      () => void this.#settle(state),
      state === MISSING ? SETTLE_MISSING_MS : SETTLE_MS,
    );
  }

  async #settle(before: string): Promise<void> {
    const state = await stateOf(this.#options.path);
    if (this.#closed) return;
    if (state !== before) {
      await this.#look();
      return;
    }
    this.#told = state;
    try {
      await this.#options.onChange();
    } catch (error) {
      this.#options.onFailure(messageOf(error));
    }
  }
}

const MISSING = 'missing';

/** Equal for equal content at the same place. */
async function stateOf(path: string): Promise<string> {
  try {
    const file = await realpath(path);
    const stats = await stat(file);
    const { size, mtimeMs } = stats;
    // A pipe would be waited for, perhaps for ever.
    if (!stats.isFile()) return JSON.stringify([file, stats.mode]);
    if (size > MAX_READ_BYTES) return JSON.stringify([file, size, mtimeMs]);
    const content = await readFile(file);
    return JSON.stringify([file, createHash('sha256').update(content).digest('hex')]);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
    return code === 'ENOENT' ? MISSING : code;
  }
}
