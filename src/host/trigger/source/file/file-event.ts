/** What is told of a change of a file. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';

import type { TriggerEvent } from '../../source.ts';
import { belowBase } from './file-selection.ts';
import { type FileState, isSameContent, stateText } from './file-state.ts';

export type FileChange = 'added' | 'changed' | 'removed';

/** What happened between two states; undefined where nothing did. */
export function changeBetween(
  before: FileState | undefined,
  now: FileState | undefined,
): FileChange | undefined {
  if (before === undefined) return now === undefined ? undefined : 'added';
  if (now === undefined) return 'removed';
  return isSameContent(before, now) ? undefined : 'changed';
}

export interface ChangedFile {
  readonly path: string;
  readonly change: FileChange;
  /** As it is; of one that was removed, as it was. */
  readonly state: FileState;
}

/** The id is of this change of this file in this state: told again, after a crash, it is the same. */
export function fileEvent({ path, change, state }: ChangedFile, folder: string): TriggerEvent {
  const told = [path, change, stateText(state)].join('\n');
  const now = {
    sizeBytes: state.sizeBytes,
    modifiedAt: new Date(Math.trunc(state.modifiedMs)).toISOString(),
  };
  return {
    id: `file-${createHash('sha256').update(told).digest('hex')}`,
    atMs: Date.now(),
    data: {
      change,
      // As the config would write it.
      path: belowBase(folder, path) ?? path,
      name: basename(path),
      absolutePath: path,
      ...(change === 'removed' ? {} : now),
    },
  };
}
