import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { messageOf } from '../errors.ts';
import type { UnplacedProblem } from './problem.ts';
import { resolvePath } from './resolve-path.ts';

export type EnvFile =
  | { readonly type: 'read'; readonly variables: Readonly<Record<string, string>> }
  | { readonly type: 'unreadable'; readonly problem: UnplacedProblem };

/** The variables of a server entry's `envFile`, in the format of `.env` files. */
export function readEnvFile(folder: string, name: string): EnvFile {
  const file = resolvePath(folder, name);
  try {
    const variables = Object.entries(parseEnv(readFileSync(file, 'utf8')));
    return {
      type: 'read',
      variables: Object.fromEntries(variables.map(([key, value]) => [key, value ?? ''])),
    };
  } catch (error) {
    const message = `the file of variables cannot be read: ${messageOf(error)}`;
    return {
      type: 'unreadable',
      problem: { path: ['envFile'], message, expected: 'a readable file', found: file },
    };
  }
}
