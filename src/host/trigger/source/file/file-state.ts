/** What a file is like: enough to see that it is another than before, without reading it. */
import { realpath, stat } from 'node:fs/promises';
import { dirname, sep } from 'node:path';

export interface FileState {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** When anything about it changed, its name included: a file that is moved away and back is not the one that it was. */
  readonly changedMs: number;
}

/**
 * `outside`: a link leads out of the folder that the config names. `unknown`: it cannot be looked at, or it is no file, so
 * that nothing can be said of it.
 */
export type LookedAt =
  | { readonly type: 'file'; readonly state: FileState }
  | { readonly type: 'missing' }
  | { readonly type: 'outside' }
  | { readonly type: 'unknown' };

/** Never rejects. `base`: the folder that the file has to be in once links are followed, or the file itself. */
export async function lookAt(path: string, base: string): Promise<LookedAt> {
  try {
    const [real, realBase] = await Promise.all([realpath(path), realpath(base)]);
    if (real !== realBase && !real.startsWith(realBase.endsWith(sep) ? realBase : realBase + sep))
      return { type: 'outside' };
    const stats = await stat(real);
    if (!stats.isFile()) return { type: 'unknown' };
    const { size: sizeBytes, mtimeMs: modifiedMs, ctimeMs: changedMs } = stats;
    return { type: 'file', state: { sizeBytes, modifiedMs, changedMs } };
  } catch (error) {
    // A drive that is not there at the moment has lost none of its files.
    const folder = path === base ? dirname(base) : base;
    return { type: isMissing(error) && (await exists(folder)) ? 'missing' : 'unknown' };
  }
}

/** Equal for the same content, as far as can be told without reading it. */
export function isSameContent(one: FileState | undefined, other: FileState | undefined): boolean {
  return one?.sizeBytes === other?.sizeBytes && one?.modifiedMs === other?.modifiedMs;
}

export function stateText({ sizeBytes, modifiedMs, changedMs }: FileState): string {
  return `${sizeBytes} ${modifiedMs} ${changedMs}`;
}

export function stateOfText(text: string): FileState {
  const [sizeBytes = 0, modifiedMs = 0, changedMs = 0] = text.split(' ').map(Number);
  return { sizeBytes, modifiedMs, changedMs };
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
