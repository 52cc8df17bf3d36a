/** `{ "builtin": … }` as a command: one of our servers under our own Node. */
import { existsSync } from 'node:fs';

import { BUILTIN_VARIABLES } from './builtin-variables.ts';
import type { Environment } from './environment.ts';
import { programFile } from './package-root.ts';
import { resolvePath } from './resolve-path.ts';
import type { BuiltinName } from './server-definition.ts';

export interface BuiltinOptions {
  readonly builtin: BuiltinName;
  readonly roots?: readonly string[];
  readonly readOnly?: boolean;
  readonly sources?: readonly string[];
  readonly allowPrivate?: boolean;
}

export interface BuiltinSurroundings {
  /** The config itself; the filesystem server must not write it. */
  readonly file: string;
  readonly folder: string;
  readonly homeFolder: string;
  readonly env: Environment;
  /** The shipped default names files that a folder may well not have. */
  readonly dropMissingSources: boolean;
}

export interface BuiltinCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The variables that this server declares and that are set. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly missingSources: readonly string[];
}

export function builtinCommand(options: BuiltinOptions, surroundings: BuiltinSurroundings): BuiltinCommand {
  const { folder, env } = surroundings;
  const sources = (options.sources ?? []).map((source) => ({
    source,
    resolved: resolveSource(folder, source),
  }));
  const missing = surroundings.dropMissingSources
    ? sources.filter(({ resolved }) => !existsSync(resolved))
    : [];
  const kept = sources.filter((source) => !missing.includes(source)).map(({ resolved }) => resolved);
  const passedOn = BUILTIN_VARIABLES[options.builtin].flatMap((name): [string, string][] => {
    const value = env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    command: process.execPath,
    args: [programFile(), 'server', options.builtin, ...builtinArguments(options, surroundings, kept)],
    env: Object.fromEntries(passedOn),
    cwd: folder,
    missingSources: missing.map(({ source }) => source),
  };
}

function builtinArguments(
  options: BuiltinOptions,
  { folder, file }: BuiltinSurroundings,
  sources: readonly string[],
): string[] {
  switch (options.builtin) {
    case 'filesystem': {
      const roots = (options.roots ?? ['.']).flatMap((root) => ['--root', resolvePath(folder, root)]);
      return [...roots, '--protect', file, ...(options.readOnly === true ? ['--read-only'] : [])];
    }
    case 'retrieval':
      return ['--project', folder, ...sources.flatMap((source) => ['--source', source])];
    case 'memory':
      return ['--project', folder];
    case 'web':
      return options.allowPrivate === true ? ['--allow-private'] : [];
    default:
      return options.builtin satisfies never;
  }
}

function resolveSource(folder: string, source: string): string {
  return /^https?:\/\//i.test(source) ? source : resolvePath(folder, source);
}
