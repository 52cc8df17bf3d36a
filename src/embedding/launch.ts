/** Reaches the embedder process of an address, starting it where none answers. */
import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { parse } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { environment } from '../config/environment.ts';
import { unavailable } from './layout.ts';

export interface LaunchOptions {
  readonly path: string;
  readonly modelFolder: string;
  readonly idleMs: number;
  readonly lingerMs: number;
  /** Ends the waiting, with its reason; a process that was started ends by itself. */
  readonly signal: AbortSignal;
}

const CONNECT_DEADLINE_MS = 15_000;
const CONNECT_INTERVAL_MS = 20;
/** The process needs no more, and what it does not have it cannot leak. */
const PASSED_VARIABLES = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH'] as const;

/** Several callers may do this at once: one process wins the address, the others end before they load anything. */
export async function reachEmbedder(options: LaunchOptions): Promise<Socket> {
  const running = await connect(options.path);
  if (running !== undefined) return running;
  const started = start(options);
  const deadline = performance.now() + CONNECT_DEADLINE_MS;
  while (performance.now() < deadline) {
    const socket = await connect(options.path);
    if (socket !== undefined) return socket;
    const failure = started.failure();
    if (failure !== undefined) throw unavailable(`The embedder process could not be started: ${failure}.`);
    await wait(CONNECT_INTERVAL_MS, undefined, { signal: options.signal });
  }
  throw unavailable(
    `The embedder process did not open ${options.path} within ${CONNECT_DEADLINE_MS / 1000} s.`,
  );
}

/** Undefined when nobody listens there. */
function connect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}

function start({ path, modelFolder, idleMs, lingerMs }: LaunchOptions): { failure(): string | undefined } {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = fileURLToPath(new URL(`./embedder-process.${extension}`, import.meta.url));
  const inherited = environment();
  const env = Object.fromEntries(PASSED_VARIABLES.map((name) => [name, inherited[name]]));
  const child = spawn(process.execPath, [program, path, modelFolder, String(idleMs), String(lingerMs)], {
    cwd: parse(process.execPath).root,
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    env,
  });
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code, signal) => {
    // Code 0: another process won the address.
    if (code !== 0) failure = `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  return { failure: () => failure };
}
