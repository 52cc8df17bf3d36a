import { randomBytes } from 'node:crypto';
import { cp, link, lstat, readdir, rename, rm, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { HostError } from '../../errors.ts';
import { answer, toolResult } from '../tool.ts';
import type { FilesystemContext } from './context.ts';
import { codeOf, fileError, missingError } from './file-error.ts';
import { holdFolder } from './open-file.ts';
import { isConfigFileName, isInside, locateEntry, parentOf, refuseProtected, showPath } from './roots.ts';
import type { Location, Roots } from './roots.ts';

const DESCRIPTION = `Moves or renames a file or folder. destination is the complete new path, and its parent folder must exist. Refuses to replace what is there unless overwrite is true; a folder that is not empty is never replaced.`;

const input = z.object({
  source: z.string().describe('What to move. A symbolic link is moved itself, not what it points to.'),
  destination: z.string().describe('Its complete new path, name included.'),
  overwrite: z.boolean().optional().describe('Replace an existing file. Default: false.'),
});

const output = z.object({ source: z.string(), destination: z.string(), overwrote: z.boolean() });

export function registerMoveFile(server: McpServer, { roots, log }: FilesystemContext): void {
  const annotations = {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  };
  server.registerTool(
    'move_file',
    {
      title: 'Move or rename',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations,
    },
    ({ source, destination, overwrite = false }) =>
      answer(log, async () => {
        const from = await locateEntry(roots, source);
        if (!from.exists) throw await missingError(from.real, source, (real) => showPath(roots, real));
        const to = await locateEntry(roots, destination);
        await refuseForbidden(roots, from, to);
        const overwrote = await move(roots, { from, to, overwrite });
        return toolResult(
          { source: from.shown, destination: to.shown, overwrote },
          `Moved ${from.shown} to ${to.shown}${overwrote ? ', replacing what was there' : ''}.`,
        );
      }),
  );
}

async function refuseForbidden(roots: Roots, from: Location, to: Location): Promise<void> {
  refuseProtected(roots, from);
  refuseProtected(roots, to);
  if (roots.folders.includes(from.real)) {
    throw new HostError('root', `'${from.shown}' is a root folder of this server and cannot be moved.`);
  }
  if (from.real !== to.real && isInside(from.real, to.real)) {
    throw new HostError(
      'bad-path',
      `'${to.shown}' lies inside '${from.shown}', so the folder cannot be moved there.`,
    );
  }
  const holdsProtected =
    [roots.protectedFolder, ...roots.protectedFiles].some((path) => isInside(from.real, path)) ||
    (await holdsConfigFile(from.real));
  if (!holdsProtected) return;
  throw new HostError(
    'protected',
    `'${from.shown}' holds this host's configuration or state, which is never moved through this server. Move its other content piece by piece.`,
  );
}

async function holdsConfigFile(path: string): Promise<boolean> {
  if (!(await lstat(path)).isDirectory()) return false;
  return (await readdir(path, { recursive: true })).some((name) => isConfigFileName(basename(name)));
}

/** Returns whether something was replaced. */
async function move(
  roots: Roots,
  { from, to, overwrite }: { from: Location; to: Location; overwrite: boolean },
): Promise<boolean> {
  await using sourceFolder = await holdFolder(roots, parentOf(roots, from));
  await using targetFolder = await holdFolder(roots, parentOf(roots, to));
  const source = join(sourceFolder.path, basename(from.real));
  const target = join(targetFolder.path, basename(to.real));
  try {
    const replaced = await isReplacing(source, target);
    if (replaced && !overwrite) throw existsError(to);
    if (!overwrite && (await lstat(source)).isFile()) await moveWithoutReplacing(source, target);
    else await renameOrCopy(source, target);
    return replaced;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw existsError(to);
    throw fileError(error, to.shown);
  }
}

/** False also where both names mean one entry, as when only the case of a name changes on some file systems. */
async function isReplacing(source: string, target: string): Promise<boolean> {
  const [moved, existing] = await Promise.all([lstat(source), lstat(target).catch(ignoreMissing)]);
  return (
    existing !== undefined &&
    !(existing.ino === moved.ino && existing.dev === moved.dev && existing.nlink === 1)
  );
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

/** A hard link fails where a rename would replace, so no one's file is lost between a check and the move. */
async function moveWithoutReplacing(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await isReplacing(source, target))) throw error;
    // The file system has no hard links, or both names mean the same file.
    await renameOrCopy(source, target);
    return;
  }
  await unlink(source);
}

async function renameOrCopy(source: string, target: string): Promise<void> {
  try {
    await rename(source, target);
    return;
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
  }
  const temporary = `${target.slice(0, -basename(target).length)}.moving-${randomBytes(6).toString('hex')}.tmp`;
  try {
    await cp(source, temporary, {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      errorOnExist: true,
    });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await rm(source, { recursive: true });
}

function existsError(to: Location): HostError {
  return new HostError(
    'EEXIST',
    `'${to.shown}' exists already, so nothing was moved. Choose another name, or set overwrite to replace a file.`,
  );
}
