import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of our package.json: two above this file, in a checkout (`src/config`) and when built (`dist/config`). */
export function packageRoot(): string {
  return fileURLToPath(new URL('../../', import.meta.url)).replace(/[/\\]$/, '');
}

/** The program that a person or a client starts. */
export function programFile(): string {
  return join(packageRoot(), 'bin', 'switchyard.js');
}

/** The config that is used where a person has none. */
export function shippedConfigFile(): string {
  return join(packageRoot(), 'mcp.config.json');
}
