import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Absolute; `~` at the start is the person's home folder. */
export function resolvePath(folder: string, path: string): string {
  if (path === '~' || /^~[/\\]/.test(path)) return join(homedir(), path.slice(1));
  return resolve(folder, path);
}
