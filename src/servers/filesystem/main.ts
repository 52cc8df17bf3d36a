import { parseArgs } from 'node:util';

import { homeFolder } from '../../config/environment.ts';
import { HostError } from '../../errors.ts';
import { COMMON_OPTIONS, COMMON_USAGE, exitForUsage, readArguments } from '../arguments.ts';
import { stderrLog } from '../log.ts';
import { serve } from '../serve.ts';
import { openRoots } from './roots.ts';
import type { Roots } from './roots.ts';
import { buildFilesystemServer } from './server.ts';

const NAME = 'filesystem';

const USAGE = `Usage: switchyard server filesystem [--root <folder>]... [--protect <file>]... [--read-only]

Reads, writes and searches files. Nothing outside the roots can be reached, symbolic links included.

  --root <folder>   a folder to serve; repeatable; default: the current folder
  --protect <file>  a file that is never written; repeatable
  --read-only       offer no tool that changes anything
${COMMON_USAGE}`;

/** Serves until its client goes away. Wrong arguments set the exit code 2 and return. */
export async function main(argv: readonly string[]): Promise<void> {
  const parsed = readArguments(USAGE, () => {
    const options = {
      ...COMMON_OPTIONS,
      root: { type: 'string', multiple: true },
      protect: { type: 'string', multiple: true },
      'read-only': { type: 'boolean' },
    } as const;
    return parseArgs({ args: [...argv], options }).values;
  });
  if (parsed === undefined) return;
  const { values, http } = parsed;
  let roots: Roots;
  try {
    const protectedFolder = homeFolder();
    roots = await openRoots(values.root ?? ['.'], {
      protectedFolder,
      protectedFiles: values.protect ?? [],
      readOnly: values['read-only'] === true,
    });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    exitForUsage(error.message, USAGE);
    return;
  }
  const context = { roots, log: stderrLog(NAME) };
  await serve(() => buildFilesystemServer(context), { name: NAME, ...(http !== undefined && { http }) });
}
