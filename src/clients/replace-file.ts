/** A client's config is replaced as a whole or not at all: written beside, brought to the disk, then renamed. */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { HostError } from '../errors.ts';
import { isMissing, realFile } from './config-text.ts';

export interface ReplaceOptions {
  readonly path: string;
  readonly bytes: Buffer;
  /** What the file holds; undefined where it is not there. A file that another program changed meanwhile is left alone. */
  readonly expected: Buffer | undefined;
}

/** Links stay links, and mode and owner stay. The folder exists. Rejects with HostError `file-changed`. */
export async function replaceFile({ path, bytes, expected }: ReplaceOptions): Promise<void> {
  const file = await realFile(path);
  const temporary = join(
    dirname(file),
    `.${basename(file).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  const keep = await modeAndOwner(file);
  try {
    const handle = await open(temporary, 'wx', keep === undefined ? NEW_FILE_MODE : 0o600);
    try {
      await handle.writeFile(bytes);
      if (keep !== undefined) {
        await handle.chown(keep.uid, keep.gid).catch((error: unknown) => {
          // Only an administrator may give files away; the content is what was asked for.
          if (!isNotPermitted(error)) throw error;
        });
        await handle.chmod(keep.mode & 0o7777);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    const now = await bytesOf(file);
    if (expected === undefined ? now !== undefined : now?.equals(expected) !== true) throw changed(path);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** It may name programs that start; nobody else writes it. */
const NEW_FILE_MODE = 0o644;

async function modeAndOwner(file: string): Promise<{ mode: number; uid: number; gid: number } | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function bytesOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function changed(path: string): HostError {
  return new HostError(
    'file-changed',
    `${path} was changed by another program just now. Nothing was written; try again.`,
  );
}

function isNotPermitted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPERM';
}
