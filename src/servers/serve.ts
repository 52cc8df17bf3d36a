/** How each of our servers lives: it speaks the protocol over stdio or HTTP, and it ends when nobody needs it. */
import type { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

import { messageOf } from '../errors.ts';
import { stderrLog } from './log.ts';
import type { ServerLog } from './log.ts';
import type { HttpAddress } from './http-address.ts';
import { StdioTransport } from './stdio-transport.ts';

/** Makes a server with its tools. Called once a connection over stdio (twice when a client probes), once a request over HTTP. */
export type BuildServer = () => McpServer | Promise<McpServer>;

export interface ServeOptions {
  readonly name: string;
  /** Streamable HTTP on loopback instead of stdio. */
  readonly http?: HttpAddress;
  /** Frees what the server holds. Runs once, after the last connection closed; it has 5 seconds. */
  readonly onClose?: () => Promise<void>;
}

const CLOSE_TIMEOUT_MS = 5_000;
const LINGER_MS = 500;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const EXIT_CODE_INTERRUPTED = 130;

/**
 * Serves until standard input ends (stdio) or a SIGTERM, SIGINT or SIGHUP arrives, then closes connections and runs
 * `onClose`. Resolves when that is done; a process that something still keeps alive is ended half a second later.
 * Over stdio, `console` and anything else that writes to standard output is sent to standard error.
 */
export async function serve(build: BuildServer, options: ServeOptions): Promise<void> {
  const log = stderrLog(options.name);
  const stop = stopRequest(log);
  const service =
    options.http === undefined
      ? serveStandardStreams(build, log, stop.request)
      : await (await import('./serve-http.ts')).serveHttp(build, options.http, log);
  const reason = await stop.requested;
  log('info', 'stopping', { reason });
  await withinCloseTimeout('connections', service.close(), log);
  if (options.onClose !== undefined) await withinCloseTimeout('resources', options.onClose(), log);
  // A file or /dev/null as standard input keeps no process alive and knows no unref.
  if (typeof process.stdin.unref === 'function') process.stdin.unref();
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

function stopRequest(log: ServerLog): { requested: Promise<string>; request: (reason: string) => void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  let signalled = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (signal === 'SIGINT') process.exitCode = EXIT_CODE_INTERRUPTED;
      if (signalled) {
        log('warn', 'stopping at once', { signal });
        process.exit();
      }
      signalled = true;
      resolve(signal);
    });
  }
  return { requested: promise, request: resolve };
}

function serveStandardStreams(
  build: BuildServer,
  log: ServerLog,
  stop: (reason: string) => void,
): { close(): Promise<void> } {
  const write = reserveStandardOutput();
  process.stdout.on('error', (error: Error) => stop(`standard output: ${error.message}`));
  // Whoever read our log is gone; there is nowhere left to tell it.
  process.stderr.on('error', () => undefined);
  const transport = new StdioTransport({ input: process.stdin, write });
  const handle = serveStdio(() => build(), {
    transport,
    onerror: (error) => log('warn', 'protocol error', { error: error.message }),
  });
  process.stdin.once('end', () => stop('end of standard input'));
  process.stdin.once('close', () => stop('standard input closed'));
  return handle;
}

/** Takes standard output for the protocol alone and returns the only way to write to it. */
function reserveStandardOutput(): (text: string, done: (error?: Error | null) => void) => void {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return (text, done) => {
    write(text, done);
  };
}

async function withinCloseTimeout(what: string, work: Promise<void>, log: ServerLog): Promise<void> {
  const { promise: timedOut, resolve } = Promise.withResolvers<'timed-out'>();
  const timer = setTimeout(() => resolve('timed-out'), CLOSE_TIMEOUT_MS);
  try {
    const outcome = await Promise.race([work, timedOut]);
    if (outcome === 'timed-out')
      log('error', `closing ${what} took too long`, { timeoutMs: CLOSE_TIMEOUT_MS });
  } catch (error) {
    log('error', `closing ${what} failed`, { error: messageOf(error) });
  } finally {
    clearTimeout(timer);
  }
}
