/** The entry by which a client starts us. */
import { posix, win32 } from 'node:path';

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
