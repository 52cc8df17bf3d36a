/** The entry by which a client starts us. */
import { posix, win32 } from 'node:path';

import type { Client } from './client.ts';

export const OWN_NAME = 'switchyard';

/** How this program is started from any folder: absolute paths only. */
export interface OwnLaunch {
  readonly node: string;
  readonly program: string;
  readonly configFile: string;
  /** Where the state is not in the platform's usual folder: a client passes on few variables. */
  readonly homeFolder?: string;
}

export function ownEntry({ entryKeys }: Client, launch: OwnLaunch): Readonly<Record<string, unknown>> {
  const { node, program, configFile, homeFolder } = launch;
  return {
    ...entryKeys,
    command: node,
    args: [program, 'serve', '--stdio', '--config', configFile],
    ...(homeFolder === undefined ? {} : { env: { SWITCHYARD_HOME: homeFolder } }),
  };
}

/** Whether it starts this program as one server, by whichever way: our file, the command, a package runner. */
export function isOwnEntry(entry: Readonly<Record<string, unknown>>): boolean {
  const { command, args } = entry;
  if (typeof command !== 'string') return false;
  const words = [command, ...(Array.isArray(args) ? args.map(String) : [])];
  const serve = words.indexOf('serve');
  return words
    .slice(0, Math.max(0, serve))
    .some((word) => PROGRAM.test(posix.basename(win32.basename(word))));
}

const PROGRAM = /^switchyard(?:\.js|\.cmd|@[\w.^~-]+)?$/;
