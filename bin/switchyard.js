#!/usr/bin/env node
// Starts under any Node from 18 on: an older one hands over to the Node that was installed beside the program.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants as osConstants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

// npm runs scripts in the package's folder; paths on the command line count from where npm was called.
if (process.env.npm_lifecycle_event === 'start' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);

if (isRecentEnough(process.versions.node)) await start();
else handOver();

function isRecentEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

async function start() {
  const inCheckout = existsSync(join(root, 'src', 'host', 'cli', 'main.ts'));
  const load = (path) =>
    import(
      pathToFileURL(join(root, inCheckout ? 'src' : 'dist', `${path}.${inCheckout ? 'ts' : 'js'}`)).href
    );
  // Before anything that Node has to strip of its types, so that the stripped code is kept as well.
  const { enableCompileCache } = await import('node:module');
  const { default: envPaths } = await import('env-paths');
  const home = process.env.SWITCHYARD_HOME ?? envPaths('switchyard', { suffix: '' }).data;
  try {
    // The cache would make the folder, open to everyone.
    mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch {
    // Whoever needs the folder says what is wrong with it; "--help" does not.
  }
  enableCompileCache(join(home, 'compile-cache'));
  const { main } = await load('host/cli/main');
  await main(process.argv.slice(2));
}

function handOver() {
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(
      `switchyard needs Node 22.18 or newer; this is ${process.version}. Install a newer Node, or run "npm install node@24" in ${root}.\n`,
    );
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A signal from the terminal reaches the whole group; one from a program reaches only us and is passed on.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of signals) process.on(name, () => child.kill(name));
  child.on('error', (error) => {
    process.stderr.write(`switchyard could not start ${node}: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 128 + osConstants.signals[signal] : (code ?? 1)));
}

function bundledNode() {
  const executable = process.platform === 'win32' ? 'node.exe' : 'node';
  const require = createRequire(import.meta.url);
  try {
    const file = join(dirname(require.resolve('node/package.json')), 'bin', executable);
    return existsSync(file) ? file : undefined;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
