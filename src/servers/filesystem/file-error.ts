/** What the operating system says about files, in words that tell what to do. */
import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import { distance } from 'fastest-levenshtein';

import { HostError, messageOf } from '../../errors.ts';

const MAX_NAMES = 12;
const MAX_NAME_DISTANCE = 3;

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist. Look at the folder with list_directory',
  ENOTDIR: 'cannot be reached: a part of the path is a file, not a folder',
  EISDIR: 'is a folder. Name a file in it',
  EEXIST: 'exists already',
  ENOTEMPTY: 'is a folder that is not empty',
  EACCES: 'is not permitted to this process. Ask the person to change its permissions',
  EPERM: 'is not permitted to this process. Ask the person to change its permissions',
  EROFS: 'is on a file system that cannot be written',
  ENOSPC: 'could not be written: the disk is full. Nothing was changed; free some space and try again',
  EDQUOT:
    'could not be written: the disk quota is used up. Nothing was changed; free some space and try again',
  EFBIG: 'could not be written: it is larger than the file system allows. Nothing was changed',
  EMFILE: 'could not be opened: too many files are open. Try again',
  ENFILE: 'could not be opened: too many files are open on this machine. Try again',
  ENAMETOOLONG: 'is a longer name than the file system takes',
  ELOOP: 'leads around in a circle of symbolic links',
  EBUSY: 'is in use. Try again later',
  EXDEV: 'is on another file system',
  ENXIO: 'is a pipe or device that nobody serves, not a regular file',
};

/** A HostError passes unchanged; an error of the system gets its `code` and advice; anything else says what it says. */
export function fileError(error: unknown, path: string): HostError {
  if (error instanceof HostError) return error;
  const code = codeOf(error);
  const advice = code === undefined ? undefined : ADVICE[code];
  if (code === undefined || advice === undefined) {
    return new HostError('file-failed', `'${path}' failed: ${messageOf(error)}.`, { cause: error });
  }
  return new HostError(code, `'${path}' ${advice}.`, { cause: error });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Says how far the path exists and which names are there. `real` is inside the roots. */
export async function missingError(
  real: string,
  path: string,
  show: (real: string) => string,
): Promise<HostError> {
  let missing = real;
  for (let folder = dirname(real); folder !== missing; folder = dirname(missing)) {
    const names = await namesIn(folder);
    if (names !== undefined) {
      return new HostError(
        'ENOENT',
        `'${path}' does not exist. ${whatExists(show(folder), names, basename(missing))}`,
      );
    }
    missing = folder;
  }
  return new HostError('ENOENT', `'${path}' does not exist.`);
}

function whatExists(folder: string, names: readonly string[], wanted: string): string {
  if (names.length === 0) return `The folder '${folder}' is empty.`;
  const byDistance = names
    .map((name) => ({ name, far: distance(name.toLowerCase(), wanted.toLowerCase()) }))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
  const [nearest] = byDistance;
  const listed = byDistance.slice(0, MAX_NAMES).map(({ name }) => `'${name}'`);
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  const guess =
    nearest !== undefined && nearest.far <= MAX_NAME_DISTANCE ? ` Did you mean '${nearest.name}'?` : '';
  return `The folder '${folder}' holds ${listed.join(', ')}${more}.${guess}`;
}

/** Undefined where there is no such folder, or it cannot be listed. */
async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) !== undefined) return undefined;
    throw error;
  }
}
