/** The tiny server that stands behind every gateway. */
import { join } from 'node:path';

export type StdioEntry = { readonly command: string; readonly args: readonly string[] };

const ECHO = join(import.meta.dirname, 'echo.js');

/** `more` keeps entries apart that would be the same program otherwise. */
export function upstream(...more: readonly string[]): StdioEntry {
  return { command: process.execPath, args: [ECHO, ...more] };
}

/** `count` of them under names of their own, as in the `mcpServers` of a config. */
export function upstreams(count: number): Readonly<Record<string, StdioEntry>> {
  const names = Array.from({ length: count }, (_, index) => `tiny${index}`);
  return Object.fromEntries(names.map((name) => [name, upstream(`--${name}`)]));
}
