/**
 * The files of `script` steps, read as the config is read: what a person accepts is their text, and what runs is that text,
 * whatever becomes of the files afterwards.
 */
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, extname, relative, resolve } from 'node:path';

import { messageOf } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import type { JsonPath } from './json-document.ts';
import { resolvePath } from './resolve-path.ts';

export type ScriptSource =
  | {
      readonly type: 'read';
      /** Absolute, symbolic links resolved. */
      readonly file: string;
      /** Of all the files: their names from the script's folder, and their text. */
      readonly hash: string;
      /** The script and every file that it may import, by absolute path. */
      readonly files: Readonly<Record<string, string>>;
    }
  | { readonly type: 'unreadable'; readonly file: string; readonly reason: string }
  /** It waits for a yes, and nothing of it was accepted before. */
  | { readonly type: 'unaccepted'; readonly file: string };

/** By the path that the config has for each. */
export type Scripts = Readonly<Record<string, ScriptSource>>;

export interface WrittenScript {
  readonly script: string;
  readonly path: JsonPath;
}

/** TypeScript whose types Node strips, and JavaScript, both as modules. */
export const SCRIPT_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs'];
const IMPORTED_EXTENSIONS: readonly string[] = [...SCRIPT_EXTENSIONS, '.json'];
const MAX_FILES = 200;
const MAX_BYTES = 5_000_000;

/** What stands under `script` in a file's workflows, as it is written there. */
export function writtenScripts(written: unknown): readonly WrittenScript[] {
  const within = (value: unknown, path: JsonPath): WrittenScript[] => {
    if (Array.isArray(value)) return value.flatMap((item: unknown, index) => within(item, [...path, index]));
    if (!isJsonObject(value)) return [];
    return Object.entries(value).flatMap(([key, item]) =>
      key === 'script' && typeof item === 'string'
        ? [{ script: item, path: [...path, key] }]
        : within(item, [...path, key]),
    );
  };
  return isJsonObject(written) ? within(written['workflows'], ['workflows']) : [];
}

/** `folder`: what their paths count from. */
export function readScripts(written: unknown, folder: string): Scripts {
  return Object.fromEntries(
    writtenScripts(written).map(({ script }) => [script, readScript(resolvePath(folder, script))]),
  );
}

function readScript(path: string): ScriptSource {
  try {
    const file = realpathSync(path);
    const files = readWithImports(file);
    const hash = createHash('sha256');
    for (const [name, text] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))
      hash.update(JSON.stringify([relative(dirname(file), name), text]));
    return { type: 'read', file, hash: hash.digest('hex'), files };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return {
      type: 'unreadable',
      file: path,
      reason: isMissing ? 'there is no such file' : messageOf(error),
    };
  }
}

function readWithImports(file: string): Record<string, string> {
  const files: Record<string, string> = {};
  const open = [file];
  let bytes = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (files[next] !== undefined) continue;
    if (!statSync(next).isFile()) throw new Error(`${next} is no file`);
    const text = readFileSync(next, 'utf8');
    bytes += text.length;
    if (Object.keys(files).length === MAX_FILES || bytes > MAX_BYTES)
      throw new Error(`with what it imports it has more than ${MAX_FILES} files or ${MAX_BYTES} bytes`);
    files[next] = text;
    open.push(...namedIn(text, dirname(next)));
  }
  return files;
}

/**
 * Files that a text names by a relative path. More than it imports, perhaps, and never less: what it imports by another
 * way is refused when it runs.
 */
function namedIn(text: string, folder: string): readonly string[] {
  const named = [...text.matchAll(/['"`](\.{1,2}\/[^'"`\n]+)['"`]/g)].map(([, path = '']) =>
    resolve(folder, path),
  );
  return named.flatMap((path) => {
    if (!IMPORTED_EXTENSIONS.includes(extname(path))) return [];
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? [realpathSync(path)] : [];
  });
}
