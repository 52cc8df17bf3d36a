/**
 * A file is replaced as a whole or not at all: written beside its place, brought to the disk, then renamed. Ours because
 * `write-file-atomic` takes a short write for a whole one, and so puts a cut file in place when the disk is full.
 */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { codeOf, fileError } from './file-error.ts';
import { holdFolder } from './open-file.ts';
import { parentOf } from './roots.ts';
import type { Location, Roots } from './roots.ts';

/** Keeps the mode, and where permitted the owner, of a file that is replaced. The parent folder exists. */
export async function writeAtomically(roots: Roots, location: Location, bytes: Buffer): Promise<void> {
  await using held = await holdFolder(roots, parentOf(roots, location));
  const target = join(held.path, basename(location.real));
  const temporary = join(
    held.path,
    `.${basename(location.real).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    await writeNew(temporary, bytes, await modeAndOwner(target));
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(error, location.shown);
  }
}

interface ModeAndOwner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

async function modeAndOwner(path: string): Promise<ModeAndOwner | undefined> {
  try {
    const { mode, uid, gid } = await stat(path);
    return { mode: mode & 0o7777, uid, gid };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeNew(path: string, bytes: Buffer, keep: ModeAndOwner | undefined): Promise<void> {
  const handle = await open(path, 'wx', keep === undefined ? 0o666 : 0o600);
  try {
    await handle.writeFile(bytes);
    if (keep !== undefined) {
      await giveTo(handle, keep);
      await handle.chmod(keep.mode);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function giveTo(handle: Awaited<ReturnType<typeof open>>, { uid, gid }: ModeAndOwner): Promise<void> {
  const own = await handle.stat();
  if (own.uid === uid && own.gid === gid) return;
  try {
    await handle.chown(uid, gid);
  } catch (error) {
    // Only an administrator may give files away; the content is what was asked for.
    if (codeOf(error) !== 'EPERM') throw error;
  }
}
