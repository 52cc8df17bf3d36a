/** Everything that is read from the process environment, without zod, so that our servers start quickly. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import envPaths from 'env-paths';

import { HostError, messageOf } from '../errors.ts';
import { packageRoot } from './package-root.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export function environment(): Environment {
  return process.env;
}

/** SWITCHYARD_HOME, else the platform's data folder. Created with mode 0700. Throws HostError `home-unusable`. */
export function homeFolder(env: Environment = environment()): string {
  const folder = resolve(env['SWITCHYARD_HOME'] ?? envPaths('switchyard', { suffix: '' }).data);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new HostError(
      'home-unusable',
      `The state folder ${folder} cannot be made: ${messageOf(error)}. Set SWITCHYARD_HOME to a folder that can.`,
    );
  }
  return folder;
}

/** Where a person's own `mcp.config.json` is looked for after the working folder. */
export function userConfigFolder(): string {
  return envPaths('switchyard', { suffix: '' }).config;
}

/** `servers/<name>/<project>/` below the home folder: the data of one of our servers for one project folder. */
export function serverDataFolder(server: string, projectFolder: string, home = homeFolder()): string {
  const project = resolve(projectFolder);
  const hash = createHash('sha256').update(project).digest('hex').slice(0, 12);
  const label =
    basename(project)
      .replaceAll(/[^A-Za-z0-9._-]/g, '_')
      .slice(0, 40) || 'root';
  const folder = join(home, 'servers', server, `${label}-${hash}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/**
 * A folder of the embedder's layout (`onnx/model_quantized.onnx`, `tokenizer.json`, `config.json`,
 * `tokenizer_config.json`): SWITCHYARD_EMBEDDER, else the one that a checkout's preparation fetched, else
 * `models/all-MiniLM-L6-v2-int8` below the home folder. The last one may still be missing.
 */
export function embedderFolder(home: string, env: Environment = environment()): string {
  const named = env['SWITCHYARD_EMBEDDER'];
  if (named !== undefined && named !== '') return resolve(named);
  const prepared = join(packageRoot(), '.switchyard', 'models', EMBEDDER_NAME);
  return existsSync(join(prepared, 'onnx')) ? prepared : join(home, 'models', EMBEDDER_NAME);
}

const EMBEDDER_NAME = 'all-MiniLM-L6-v2-int8';
