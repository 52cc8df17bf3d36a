/** Which files are meant: the globs of the config, what they leave out, and where to look for them. */
import { isAbsolute, relative, sep } from 'node:path';

import picomatch from 'picomatch';

import { resolvePath } from '../../../../config/resolve-path.ts';
import { DEFAULT_IGNORE, type FileTriggerConfig } from '../../../../config/trigger-file-schema.ts';

export interface FileSelection {
  /** Absolute: the files and folders with which the globs begin. */
  readonly bases: readonly string[];
  /** The base of a file that is meant; undefined where it is not. */
  baseOf(path: string): string | undefined;
  /** Whether nothing in the folder can be meant. */
  isLeftOut(folder: string): boolean;
}

export interface SelectionOptions {
  /** What relative paths count from. */
  readonly folder: string;
  /** Absolute folders that are never looked at, whatever the config says. */
  readonly forbidden: readonly string[];
}

interface Pattern {
  readonly base: string;
  readonly matches: (below: string) => boolean;
  /** A name with a dot is written out in it. */
  readonly namesDotfiles: boolean;
}

export function createFileSelection(
  {
    paths,
    ignore = DEFAULT_IGNORE,
    dotfiles = false,
  }: Pick<FileTriggerConfig, 'paths' | 'ignore' | 'dotfiles'>,
  { folder, forbidden }: SelectionOptions,
): FileSelection {
  const patterns = paths.map((path): Pattern => {
    const { base, glob } = picomatch.scan(path);
    const matches = picomatch(glob === '' ? '**' : glob, { dot: dotfiles });
    return {
      base: resolvePath(folder, base),
      // What is named itself is meant, whatever it is called.
      matches: (below) => (below === '' ? glob === '' : matches(below)),
      namesDotfiles: /(?:^|[/{,(|])\./.test(glob),
    };
  });
  const ignores = ignore.map((glob) => picomatch(glob, { dot: true, basename: !glob.includes('/') }));
  const isIgnored = (below: string): boolean =>
    upTo(below).some((part) => ignores.some((fits) => fits(part)));
  const isForbidden = (path: string): boolean =>
    forbidden.some((one) => path === one || path.startsWith(one + sep));
  const isMeant = ({ base, matches }: Pattern, path: string): boolean => {
    const below = belowBase(base, path);
    return below !== undefined && matches(below) && !isIgnored(below);
  };
  const mayHold = ({ base, namesDotfiles }: Pattern, path: string): boolean => {
    // A folder above leads to it.
    if (belowBase(path, base) !== undefined) return true;
    const below = belowBase(base, path);
    if (below === undefined || isIgnored(below)) return false;
    return dotfiles || namesDotfiles || !below.split('/').some((name) => name.startsWith('.'));
  };
  return {
    bases: [...new Set(patterns.map(({ base }) => base))],
    baseOf: (path) =>
      isForbidden(path) ? undefined : patterns.find((pattern) => isMeant(pattern, path))?.base,
    isLeftOut: (path) => isForbidden(path) || !patterns.some((pattern) => mayHold(pattern, path)),
  };
}

/** With slashes; '' for the base itself, undefined where it is not in it. */
export function belowBase(base: string, path: string): string | undefined {
  if (path === base) return '';
  const below = relative(base, path);
  // Absolute: on another drive.
  if (below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) return undefined;
  return sep === '/' ? below : below.split(sep).join('/');
}

/** `a/b/c` → `a`, `a/b`, `a/b/c` */
function upTo(below: string): readonly string[] {
  const names = below.split('/');
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}
