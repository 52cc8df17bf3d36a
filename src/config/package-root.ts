import { existsSync } from 'node:fs';
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

/** Node as it is named where the program is to start from anywhere: the one beside the program, else the one that runs. */
export function nodeFile(): string {
  const bundled = join(
    packageRoot(),
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  return existsSync(bundled) ? bundled : process.execPath;
}
