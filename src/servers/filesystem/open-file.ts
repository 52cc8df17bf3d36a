/**
 * Between the check of a path and its use someone may put a symbolic link in its way. So a file is looked at again after
 * it is open, and a folder is held open while something is done in it.
 */
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open, readlink, realpath, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { platform } from 'node:process';

import { HostError } from '../../errors.ts';
import { codeOf, fileError } from './file-error.ts';
import { isInsideRoots, outsideError } from './roots.ts';
import type { Location, Roots } from './roots.ts';

// Windows knows neither flag. Without O_NONBLOCK, opening a named pipe waits for its writer for ever.
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const FOLDER_FLAGS = READ_FLAGS | (constants.O_DIRECTORY ?? 0);

export interface OpenFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/** Opens a regular file for reading. Throws a HostError for anything else, and for what is outside the roots. */
export async function openFile(roots: Roots, location: Location): Promise<OpenFile> {
  const handle = await openHandle(roots, location, READ_FLAGS);
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw fileError(Object.assign(new Error(), { code: 'EISDIR' }), location.shown);
    if (!stats.isFile()) {
      throw new HostError(
        'not-a-file',
        `'${location.shown}' is a pipe, socket or device, not a regular file.`,
      );
    }
    return { handle, stats, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** From the start, whatever was read of it already. */
export async function readWhole(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

export interface HeldFolder extends AsyncDisposable {
  /** A path to exactly this folder, whatever happens to its names meanwhile (on Linux; elsewhere its plain path). */
  readonly path: string;
}

export async function holdFolder(roots: Roots, location: Location): Promise<HeldFolder> {
  if (platform === 'win32') {
    return { path: location.real, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const handle = await openHandle(roots, location, FOLDER_FLAGS);
  const anchored = platform === 'linux' && (await linkOf(handle)) !== undefined;
  return {
    path: anchored ? descriptorPath(handle) : location.real,
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function openHandle(roots: Roots, location: Location, flags: number): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(location.real, flags);
  } catch (error) {
    // The path held no symbolic link when it was resolved.
    if (codeOf(error) === 'ELOOP') throw outsideError(roots, location.shown);
    throw fileError(error, location.shown);
  }
  try {
    if (await isStillInside(roots, location, handle)) return handle;
  } catch (error) {
    await handle.close();
    throw fileError(error, location.shown);
  }
  await handle.close();
  throw outsideError(roots, location.shown);
}

async function isStillInside(roots: Roots, location: Location, handle: FileHandle): Promise<boolean> {
  const link = platform === 'linux' ? await linkOf(handle) : undefined;
  if (link !== undefined) return isInsideRoots(roots, link);
  const real = await realpath(location.real);
  const [opened, named] = await Promise.all([handle.stat(), stat(real)]);
  return isInsideRoots(roots, real) && opened.ino === named.ino && opened.dev === named.dev;
}

/** The path of an open file as the kernel knows it; undefined where /proc is not mounted. */
async function linkOf(handle: FileHandle): Promise<string | undefined> {
  try {
    return await readlink(descriptorPath(handle));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function descriptorPath(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}
