/**
 * Installs node-llama-cpp, the library that runs local models, into a folder of its own. It is no dependency of the program:
 * most people never need its 85 MB.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';

import { HostError, messageOf } from '../errors.ts';
import { isRuntimeInstalled, RUNTIME_VERSION, runtimeFolder, runtimesFolder } from './folder.ts';

export const RUNTIME_BYTES = 90_000_000;

export interface InstallRuntimeOptions {
  readonly homeFolder: string;
  readonly onProgress: (message: string) => void;
  readonly signal: AbortSignal;
  /** npm by default; its arguments come after these. */
  readonly npm?: { readonly command: string; readonly args: readonly string[] };
}

const TIMEOUT_MS = 600_000;
const KEPT_OUTPUT_CHARACTERS = 800;

/** The packages with the library's binaries that need nothing but a processor, by `platform-architecture` of Node. */
const BINARIES: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-armv7l',
  'linux-riscv64': 'linux-riscv64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

/**
 * Does nothing where it is installed. No install script runs; the folder appears whole or not at all. Rejects with HostError
 * `runtime-unavailable`, or the signal's reason.
 */
export async function installRuntime({
  homeFolder,
  onProgress,
  signal,
  npm = NPM,
}: InstallRuntimeOptions): Promise<void> {
  if (isRuntimeInstalled(homeFolder)) return;
  const folder = runtimeFolder(homeFolder);
  const building = `${folder}.${randomUUID()}.partial`;
  onProgress(`Installing node-llama-cpp ${RUNTIME_VERSION}, which runs the model (about 85 MB) …`);
  try {
    await mkdir(building, { recursive: true, mode: 0o700 });
    await writeFile(`${building}/package.json`, JSON.stringify(manifest(), null, 2));
    await install(npm, building, signal);
    await rename(building, folder);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HostError) throw error;
    throw unavailable(messageOf(error), error);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  if (!isRuntimeInstalled(homeFolder)) throw unavailable('npm succeeded but brought no library');
}

/** Also what pulls that were killed have left. */
export async function removeRuntime(homeFolder: string): Promise<void> {
  await rm(runtimesFolder(homeFolder), { recursive: true, force: true });
}

function manifest() {
  const platform = `${process.platform}-${process.arch}`;
  const binaries = BINARIES[platform];
  if (binaries === undefined) {
    throw new HostError(
      'runtime-unavailable',
      `There is no ready-made node-llama-cpp for ${platform}. There is for ${Object.keys(BINARIES).join(', ')}. Use Ollama or a hosted model instead.`,
    );
  }
  const dependencies = {
    'node-llama-cpp': RUNTIME_VERSION,
    [`@node-llama-cpp/${binaries}`]: RUNTIME_VERSION,
  };
  return { private: true, description: 'Runs the local models of Switchyard.', dependencies };
}

const NPM = { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };

/** Binaries of other platforms and of graphics cards are optional dependencies of the library, so they are left out. */
const INSTALL_ARGUMENTS = [
  'install',
  '--ignore-scripts',
  '--omit=optional',
  '--omit=dev',
  '--no-audit',
  '--no-fund',
  '--no-package-lock',
  '--loglevel=error',
  // Variables of an npm that started us would lead it elsewhere.
  '--prefix=.',
];

function install(
  npm: { readonly command: string; readonly args: readonly string[] },
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(npm.command, [...npm.args, ...INSTALL_ARGUMENTS], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      shell: process.platform === 'win32',
      windowsHide: true,
    });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT_CHARACTERS);
    });
    child.once('error', (error) => {
      const missing = 'code' in error && error.code === 'ENOENT';
      reject(unavailable(missing ? 'npm was not found' : error.message, error));
    });
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(unavailable(`npm ended with ${code}: ${output.trim().replaceAll(/\s+/g, ' ')}`));
    });
  });
}

function unavailable(reason: string, cause?: unknown): HostError {
  return new HostError(
    'runtime-unavailable',
    `node-llama-cpp ${RUNTIME_VERSION}, which runs local models, could not be installed: ${reason}. ` +
      'Check that npm is there, the network and the free space, and pull again.',
    cause === undefined ? {} : { cause },
  );
}
