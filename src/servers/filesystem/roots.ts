/** Which paths the server may touch: everything it does starts with `locate`. */
import { lstat, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

import { HostError } from '../../errors.ts';
import { codeOf, fileError, missingError } from './file-error.ts';

export interface Roots {
  /** Absolute, symbolic links resolved, at least one. Relative paths count from the first. */
  readonly folders: readonly [string, ...string[]];
  /** Where this program keeps its state; readable below a root, never writable. */
  readonly protectedFolder: string;
  /** Config files under other names; absolute, symbolic links resolved. Readable, never writable. */
  readonly protectedFiles: readonly string[];
  readonly readOnly: boolean;
}

export interface Location {
  /** Absolute, every symbolic link of its existing part resolved, inside a root. */
  readonly real: string;
  /** As results show it: relative to the first root with `/`, or absolute below another root. */
  readonly shown: string;
  readonly exists: boolean;
}

const CONFIG_FILE_NAME = 'mcp.config.json';

/** Throws a HostError with code `bad-root` for a path that is no folder. */
export async function openRoots(
  paths: readonly string[],
  options: {
    readonly protectedFolder: string;
    readonly protectedFiles?: readonly string[];
    readonly readOnly: boolean;
  },
): Promise<Roots> {
  const folders: string[] = [];
  for (const path of paths) {
    const real = await realFolder(path);
    if (!folders.includes(real)) folders.push(real);
  }
  const [first, ...others] = folders;
  if (first === undefined) throw new HostError('bad-root', 'At least one root folder is needed.');
  return {
    folders: [first, ...others],
    protectedFolder: await realpath(options.protectedFolder),
    protectedFiles: await Promise.all((options.protectedFiles ?? []).map(realOrAbsolute)),
    readOnly: options.readOnly,
  };
}

/** A file that is not there yet is protected where it would be. */
async function realOrAbsolute(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return absolute;
    throw error;
  }
}

async function realFolder(path: string): Promise<string> {
  const absolute = resolve(expandHome(path));
  try {
    const real = await realpath(absolute);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    throw new HostError(
      'bad-root',
      `The root '${path}' cannot be used: ${fileError(error, absolute).message}`,
      {
        cause: error,
      },
    );
  }
  throw new HostError('bad-root', `The root '${path}' is a file. Name the folder that holds it.`);
}

/** Where a path leads, which may be nothing yet. Throws a HostError when that is outside the roots. */
export async function locate(roots: Roots, path: string): Promise<Location> {
  const absolute = absolutePath(roots, path);
  return locateAbsolute(roots, path, absolute);
}

/** Where an existing path leads; a HostError with the nearest names when there is nothing. */
export async function locateExisting(roots: Roots, path: string): Promise<Location> {
  const location = await locate(roots, path);
  if (!location.exists) throw await missingError(location.real, path, (real) => showPath(roots, real));
  return location;
}

/** Like `locate` for something that is to be written. */
export async function locateForWriting(roots: Roots, path: string): Promise<Location> {
  const location = await locate(roots, path);
  refuseProtected(roots, location);
  return location;
}

/** The entry itself: a symbolic link at the end of the path is not followed. */
export async function locateEntry(roots: Roots, path: string): Promise<Location> {
  const absolute = absolutePath(roots, path);
  const parent = dirname(absolute);
  if (parent === absolute || roots.folders.includes(absolute)) return locateAbsolute(roots, path, absolute);
  const folder = await locateAbsolute(roots, path, parent);
  const real = join(folder.real, basename(absolute));
  return { real, shown: showPath(roots, real), exists: await entryExists(real) };
}

export function refuseProtected(roots: Roots, { real, shown }: Location): void {
  if (basename(real).toLowerCase() === CONFIG_FILE_NAME || roots.protectedFiles.includes(real)) {
    throw new HostError(
      'protected',
      `'${shown}' decides which programs this host starts, so it is never changed through this server. Ask the person to edit it.`,
    );
  }
  if (isInside(roots.protectedFolder, real)) {
    throw new HostError(
      'protected',
      `'${shown}' belongs to this program's own state and is never changed through this server.`,
    );
  }
}

export function isConfigFileName(name: string): boolean {
  return name.toLowerCase() === CONFIG_FILE_NAME;
}

export function isInsideRoots(roots: Roots, real: string): boolean {
  return roots.folders.some((folder) => isInside(folder, real));
}

/** True for the folder itself as well. Both paths are absolute and without symbolic links. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

export function showPath(roots: Roots, real: string): string {
  const [first] = roots.folders;
  if (!isInside(first, real)) return real;
  return relative(first, real).split(sep).join('/') || '.';
}

/** The folder that holds an entry, which may not exist. */
export function parentOf(roots: Roots, location: Location): Location {
  const real = dirname(location.real);
  return { real, shown: showPath(roots, real), exists: true };
}

/** The error for a path outside; the same whether or not something is there. */
export function outsideError(roots: Roots, path: string): HostError {
  const allowed = roots.folders.map((folder) => `'${folder}'`).join(', ');
  return new HostError(
    'outside-roots',
    `'${path}' is outside the folders this server may use, or leads outside by a symbolic link. Allowed: ${allowed}. Relative paths count from the first.`,
  );
}

async function locateAbsolute(roots: Roots, path: string, absolute: string): Promise<Location> {
  let found: { real: string; exists: boolean };
  try {
    found = await resolveLinks(absolute);
  } catch (error) {
    if (!isInsideRoots(roots, absolute)) throw outsideError(roots, path);
    throw fileError(error, path);
  }
  if (!isInsideRoots(roots, found.real)) throw outsideError(roots, path);
  return { ...found, shown: showPath(roots, found.real) };
}

/** Resolves the deepest part that exists and appends the rest. */
async function resolveLinks(path: string): Promise<{ real: string; exists: boolean }> {
  try {
    return { real: await realpath(path), exists: true };
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
  }
  if (await entryExists(path)) {
    throw new HostError(
      'dangling-link',
      `'${path}' is a symbolic link to something that does not exist, so it is not followed.`,
    );
  }
  const above = await resolveLinks(dirname(path));
  return { real: join(above.real, basename(path)), exists: false };
}

async function entryExists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw fileError(error, path);
  }
}

function absolutePath(roots: Roots, path: string): string {
  if (path.includes('\0'))
    throw new HostError('bad-path', 'The path contains a NUL byte, which no file name can hold.');
  if (path.trim() === '') throw new HostError('bad-path', "The path is empty. Use '.' for the first root.");
  return resolve(roots.folders[0], expandHome(path));
}

function expandHome(path: string): string {
  if (path === '~') return homedir();
  return path.startsWith('~/') || path.startsWith(`~${sep}`) ? join(homedir(), path.slice(2)) : path;
}
