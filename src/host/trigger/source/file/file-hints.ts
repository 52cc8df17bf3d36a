/** Where something may have happened, from the file system. Hints only: some get lost, and some are of nothing. */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';

import { belowBase, type FileSelection } from './file-selection.ts';

export interface HintOptions {
  readonly selection: FileSelection;
  readonly onHint: (path: string) => void;
  /** From then on hints may be missing. */
  readonly onFailure: (error: unknown) => void;
}

/** Resolves when the file system is watched, or cannot be. */
export type StartHints = (options: HintOptions) => Promise<AsyncDisposable>;

export const startHints: StartHints = async ({ selection, onHint, onFailure }) => {
  const { watch } = await import('chokidar');
  // A folder of the config that is a link itself is watched where it leads to.
  const places = await Promise.all(
    selection.bases.map(async (base) => ({ base, real: await realpath(base).catch(() => base) })),
  );
  const named = (path: string): string => {
    for (const { base, real } of places) {
      const below = belowBase(real, path);
      if (below !== undefined) return join(base, below);
    }
    return path;
  };
  const watcher = watch(
    places.map(({ real }) => real),
    {
      ignored: (path, stats) =>
        stats?.isFile() === true
          ? selection.baseOf(named(path)) === undefined
          : selection.isLeftOut(named(path)),
      ignoreInitial: true,
      followSymlinks: false,
      // What is told is settled elsewhere.
      atomic: false,
      // A folder that may not be read is told by whoever looks through all of them.
      ignorePermissionErrors: true,
    },
  );
  watcher.on('all', (_event, path) => onHint(named(path)));
  watcher.on('error', onFailure);
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve);
    watcher.once('error', () => resolve());
  });
  return { [Symbol.asyncDispose]: () => watcher.close() };
};
