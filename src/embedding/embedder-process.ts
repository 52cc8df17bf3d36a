/**
 * `node embedder-process.ts <socket> <model folder> <idle ms> <linger ms>`: the one process that holds the model. It ends
 * by itself: `idle ms` after the last request, `linger ms` after the last client has gone, or when another process
 * took over its address. Nobody reads its output; failures travel to the clients.
 */
import { rmSync, statSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import { messageOf } from '../errors.ts';
import { EmbeddingQueue } from './embedding-queue.ts';
import type { EmbeddingJob } from './embedding-queue.ts';
import { loadExtractor } from './extractor.ts';
import type { Extractor } from './extractor.ts';
import { FrameReader, writeFrame } from './frame.ts';
import type { EmbedderRequest } from './frame.ts';
import { DIMENSIONS } from './layout.ts';

const OWNERSHIP_CHECK_MS = 2_000;
/** How long the first client, which started this process, may take to connect. */
const FIRST_CLIENT_MS = 10_000;

const [path = '', modelFolder = '', idleText = '', lingerText = ''] = process.argv.slice(2);
const idleMs = Number(idleText);
/** For what is still to be written to clients that are being told goodbye. */
const LAST_BYTES_MS = 500;
const lingerMs = Number(lingerText);
const clients = new Set<Socket>();
const { promise: extractor, resolve: useExtractor } = Promise.withResolvers<Extractor>();
const queue = new EmbeddingQueue(extractor);
const server = createServer(serveClient);
let hadClient = false;
let identity: string | undefined;
let endTimer: NodeJS.Timeout | undefined;

if (await takeAddress(server, path)) {
  identity = socketIdentity(path);
  restartEndTimer();
  setInterval(endWhenReplaced, OWNERSHIP_CHECK_MS).unref();
  useExtractor(loadExtractor(modelFolder));
  // Jobs that wait for the model are told why it failed; a later client starts a process that tries again.
  extractor.catch(() => setImmediate(end));
}

function end(): void {
  if (process.platform !== 'win32' && socketIdentity(path) === identity) rmSync(path, { force: true });
  for (const socket of clients) socket.end();
  server.close();
  process.exitCode = 0;
  setTimeout(() => process.exit(), LAST_BYTES_MS).unref();
  clearTimeout(endTimer);
}

/** Two processes that both found a dead one's address may both have taken it; only the last can be reached. */
function endWhenReplaced(): void {
  if (socketIdentity(path) !== identity && queue.idle) end();
}

/** False when a living process holds the address already. */
async function takeAddress(listener: Server, address: string): Promise<boolean> {
  if (await listens(listener, address)) return true;
  if (await answers(address)) return false;
  // Nobody answers: a process that was killed left the file.
  rmSync(address, { force: true });
  return listens(listener, address);
}

function listens(listener: Server, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    };
    listener.once('error', onError);
    listener.listen({ path: address, readableAll: false, writableAll: false }, () => {
      listener.off('error', onError);
      resolve(true);
    });
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(address);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

/** Undefined where the address is no file (Windows) or the file is gone. */
function socketIdentity(address: string): string | undefined {
  if (process.platform === 'win32') return 'pipe';
  const found = statSync(address, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

function serveClient(socket: Socket): void {
  clients.add(socket);
  hadClient = true;
  restartEndTimer();
  const reader = new FrameReader();
  const jobs = new Map<number, EmbeddingJob>();
  socket.on('data', (chunk) => {
    try {
      for (const { header } of reader.push(chunk)) take(socket, jobs, header as EmbedderRequest);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(messageOf(error)));
    }
  });
  // A client that went away is dealt with by 'close'.
  socket.on('error', () => undefined);
  socket.once('close', () => {
    clients.delete(socket);
    for (const job of jobs.values()) queue.cancel(job);
    restartEndTimer();
  });
}

function take(socket: Socket, jobs: Map<number, EmbeddingJob>, message: EmbedderRequest): void {
  const { request } = message;
  if (message.type === 'cancel') {
    const job = jobs.get(request);
    if (job !== undefined) queue.cancel(job);
    jobs.delete(request);
    restartEndTimer();
    return;
  }
  const { texts } = message;
  const job: EmbeddingJob = {
    texts,
    onVectors(vectors) {
      finish();
      const body = Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength);
      writeFrame(socket, { type: 'vectors', request, count: texts.length, dimensions: DIMENSIONS }, body);
    },
    onFailure(failure) {
      finish();
      writeFrame(socket, { type: 'failure', request, message: failure });
    },
  };
  const finish = (): void => {
    jobs.delete(request);
    restartEndTimer();
  };
  jobs.set(request, job);
  queue.add(job);
}

function restartEndTimer(): void {
  clearTimeout(endTimer);
  const untilEndMs = !hadClient ? FIRST_CLIENT_MS : clients.size === 0 ? Math.min(lingerMs, idleMs) : idleMs;
  endTimer = setTimeout(endWhenIdle, untilEndMs);
}

function endWhenIdle(): void {
  if (queue.idle) end();
  else restartEndTimer();
}
