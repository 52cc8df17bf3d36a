/** Puts the pinned packages into a folder outside of the repository; their install scripts do not run. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isJsonObject, type JsonObject } from '../../src/json.ts';
import type { ForeignServer } from './servers.ts';

export type PinnedPackage = Pick<ForeignServer, 'package' | 'version'>;

/** `SWITCHYARD_HOME/compat` where that variable is set, else a folder for temporary files; another for another purpose. */
export function cacheFolder(purpose = 'compat'): string {
  const home = process.env['SWITCHYARD_HOME'];
  return home ? join(home, purpose) : join(tmpdir(), `switchyard-${purpose}`);
}

/** Installs what the cache lacks. Rejects where npm fails. */
export async function install(folder: string, packages: readonly PinnedPackage[]): Promise<void> {
  const missing = packages.filter((one) => installedVersion(folder, one) !== one.version);
  if (missing.length === 0) return;
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "name": "switchyard-compat", "private": true }\n');
  const wanted = missing.map((one) => `${one.package}@${one.version}`);
  console.error(`Installing ${wanted.join(', ')} into ${folder}`);
  const options = [
    'install',
    '--ignore-scripts',
    '--save-exact',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  // Under `npm run` this names the npm that runs it; it is started by this Node, whichever is first on the PATH.
  const npm = process.env['npm_execpath'];
  const [command, args] = npm === undefined ? ['npm', options] : [process.execPath, [npm, ...options]];
  const child = spawn(command, [...args, ...wanted], {
    cwd: folder,
    stdio: ['ignore', process.stderr, 'inherit'],
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`npm install in ${folder} ended with ${code}; its own words stand above.`);
}

/** The script that the package starts, as its `bin` says. */
export function entryScript(folder: string, server: PinnedPackage): string {
  const { bin } = manifestOf(folder, server) ?? {};
  const script = isJsonObject(bin) ? Object.values(bin)[0] : bin;
  if (typeof script !== 'string') throw new Error(`${server.package} names no script under "bin".`);
  return join(packageFolder(folder, server), script);
}

function installedVersion(folder: string, server: PinnedPackage): unknown {
  return manifestOf(folder, server)?.['version'];
}

function manifestOf(folder: string, server: PinnedPackage): JsonObject | undefined {
  const file = join(packageFolder(folder, server), 'package.json');
  if (!existsSync(file)) return undefined;
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return isJsonObject(manifest) ? manifest : undefined;
}

function packageFolder(folder: string, server: PinnedPackage): string {
  return join(folder, 'node_modules', ...server.package.split('/'));
}
