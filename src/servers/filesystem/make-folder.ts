import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { codeOf, fileError } from './file-error.ts';
import { holdFolder } from './open-file.ts';
import type { HeldFolder } from './open-file.ts';
import { parentOf } from './roots.ts';
import type { Location, Roots } from './roots.ts';

/**
 * Creates a folder and its missing parents, each inside the one that was checked before it. Returns whether the folder
 * itself was created; it is no error when something of that name exists.
 */
export async function makeFolder(roots: Roots, location: Location): Promise<boolean> {
  if (roots.folders.includes(location.real)) return false;
  await using parent = await holdOrMake(roots, parentOf(roots, location));
  try {
    await mkdir(join(parent.path, basename(location.real)));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw fileError(error, location.shown);
  }
}

async function holdOrMake(roots: Roots, folder: Location): Promise<HeldFolder> {
  try {
    return await holdFolder(roots, folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await makeFolder(roots, folder);
  return holdFolder(roots, folder);
}
