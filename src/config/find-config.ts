/** Which file is the config, and its text. */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { HostError, messageOf } from '../errors.ts';
import type { ConfigOrigin } from './config.ts';
import { shippedConfigFile } from './package-root.ts';
import { configInvalid } from './problem.ts';
import { resolvePath } from './resolve-path.ts';

export interface FoundConfig {
  /** Absolute, symbolic links resolved. */
  readonly file: string;
  /** Absolute, as it was looked for: what a link leads to may change. */
  readonly path: string;
  readonly origin: ConfigOrigin;
  /** What relative paths count from. */
  readonly folder: string;
  /** Without a byte order mark. */
  readonly text: string;
}

export interface FindOptions {
  /** What `--config` says, relative to the working folder. */
  readonly configFile?: string;
  readonly workingFolder: string;
  readonly userFolder: string;
}

export const CONFIG_NAME = 'mcp.config.json';
const MAX_SIZE_BYTES = 4_000_000;

/**
 * `--config`, then the working folder, then the user's config folder, then the shipped default. A file that is there and
 * cannot be read is an error, never passed over. One in the working folder that equals the shipped default is the default.
 */
export function findConfig(options: FindOptions): FoundConfig {
  const { configFile, workingFolder, userFolder } = options;
  if (configFile !== undefined) {
    const file = resolvePath(workingFolder, configFile);
    const named = readConfig(file, 'flag');
    if (named !== undefined) return named;
    throw fault(
      file,
      'there is no such file. It was named by --config; without it, the usual places are searched',
    );
  }
  const shipped = readConfig(shippedConfigFile(), 'default');
  const local = readConfig(join(workingFolder, CONFIG_NAME), 'working-folder');
  if (local !== undefined && local.text !== shipped?.text) return local;
  const user = local === undefined ? readConfig(join(userFolder, CONFIG_NAME), 'user') : undefined;
  if (user !== undefined) return user;
  if (shipped === undefined) {
    throw new HostError(
      'config-missing',
      `${shippedConfigFile()} is missing: this installation is not whole. Install it again.`,
    );
  }
  const { file, path } = local ?? shipped;
  return { ...shipped, file, path, folder: workingFolder };
}

/**
 * The file that was found before, as it stands. Rejects what is no readable file, or is gone, with HostError
 * `config-invalid`: nothing else takes its place while the program runs.
 */
export function findConfigAgain({
  path,
  origin,
  folder,
}: Pick<FoundConfig, 'path' | 'origin' | 'folder'>): FoundConfig {
  const found = readConfig(path, origin === 'default' ? 'working-folder' : origin);
  if (found === undefined) throw fault(path, 'the file is gone');
  if (origin !== 'default' || found.text !== readConfig(shippedConfigFile(), 'default')?.text) return found;
  return { ...found, origin, folder };
}

/** Undefined where nothing is there. Rejects what is no readable file with HostError `config-invalid`. */
export function readConfig(path: string, origin: ConfigOrigin): FoundConfig | undefined {
  let handle: number;
  let file: string;
  try {
    file = realpathSync(path);
    // Without O_NONBLOCK a named pipe would be waited for, perhaps for ever.
    handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fault(path, `it cannot be opened: ${messageOf(error)}`);
  }
  try {
    const stats = fstatSync(handle);
    if (stats.isDirectory())
      throw fault(file, `it is a folder. Name the file in it: ${join(file, CONFIG_NAME)}`);
    if (!stats.isFile()) throw fault(file, 'it is no regular file');
    if (stats.size > MAX_SIZE_BYTES) {
      throw fault(
        file,
        `it has ${stats.size} bytes; a config may have ${MAX_SIZE_BYTES}. Is it the right file?`,
      );
    }
    return { file, path, origin, folder: dirname(file), text: decode(file, readWhole(handle, stats.size)) };
  } finally {
    closeSync(handle);
  }
}

function readWhole(handle: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const read = readSync(handle, bytes, length, size - length, length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

function decode(file: string, bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe') return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw fault(file, 'it is no UTF-8 text. Save it as UTF-8', error);
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function fault(file: string, message: string, cause?: unknown): HostError {
  const error = configInvalid(file, [{ line: 1, column: 1, path: [], message }]);
  return cause === undefined
    ? error
    : new HostError(error.code, error.message, { data: error.data ?? null, cause });
}
