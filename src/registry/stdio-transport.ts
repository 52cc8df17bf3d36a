/**
 * Our own client transport for stdio. The SDK's closes the connection on a line over 10 MB, joins chunks quadratically
 * and leaves grandchildren alive.
 */
import { isUtf8 } from 'node:buffer';

import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';

import { collectGarbage } from '../collect-garbage.ts';
import type { StdioDefinition } from '../config/server-definition.ts';
import { messageOf } from '../errors.ts';
import { type Child, startChild } from './child-process.ts';
import { LineBuffer, type OverlongLine } from '../wire/line-buffer.ts';
import type { ProcessGroups } from './process-groups.ts';
import type { StdoutNoise } from './stdout-noise.ts';

export interface StdioTransportOptions {
  readonly definition: StdioDefinition;
  readonly inherited: Readonly<Record<string, string>>;
  readonly groups: ProcessGroups;
  readonly maxMessageBytes: number;
  readonly noise: StdoutNoise;
  /** A line longer than `maxMessageBytes`; the connection lives on. */
  readonly onOverlong: (line: OverlongLine) => void;
  /** One line of the server's stderr. */
  readonly onStderr: (line: string) => void;
}

/** For a line so large room is made before it is read, and what reading left is collected before anybody works on it. */
const HUGE_LINE_BYTES = 16_777_216;
const MAX_STDERR_LINE_BYTES = 65_536;
/** After the process ended, what it wrote before must still arrive; a grandchild may hold the pipe open for ever. */
const PIPE_DRAIN_MS = 500;

/** The request was not taken by the server's pipe, so the server cannot have acted on it. */
class NotWrittenError extends Error {
  override readonly name = 'NotWrittenError';
}

export class StdioTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  /** Present, like `pid`, because the SDK recognises a stdio transport by them. Lines go to `onStderr`. */
  readonly stderr = null;
  readonly #options: StdioTransportOptions;
  #child: Child | undefined;
  #closed = false;

  constructor(options: StdioTransportOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Why the process ended, for messages; undefined while it runs or where it never started. */
  get exitReason(): string | undefined {
    const child = this.#child?.process;
    if (child === undefined) return undefined;
    if (child.signalCode !== null) return `ended by ${child.signalCode}`;
    return child.exitCode === null ? undefined : `exited with code ${child.exitCode}`;
  }

  async start(): Promise<void> {
    const { definition, groups, inherited, maxMessageBytes, noise, onOverlong, onStderr } = this.#options;
    const child = await startChild({
      command: definition.command,
      args: definition.args,
      env: { ...inherited, ...definition.env },
      groups,
      ...(definition.cwd !== undefined && { cwd: definition.cwd }),
    });
    this.#child = child;
    if (this.#closed) {
      await child.stop();
      throw new Error('The transport was closed while the server started.');
    }
    const stdout = new LineBuffer(maxMessageBytes, {
      line: (bytes, release) => this.#line(bytes, release),
      overlong: onOverlong,
    });
    child.process.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.process.stdout.on('error', (error) => this.onerror?.(error));
    const stderr = new LineBuffer(MAX_STDERR_LINE_BYTES, {
      line: (bytes) => onStderr(bytes.toString('utf8')),
      overlong: (line) => onStderr(`${line.head.toString('utf8')}… (a line of ${line.sizeBytes} bytes)`),
    });
    child.process.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.process.stderr.on('error', (error) => this.onerror?.(error));
    child.process.once('close', () => {
      stdout.end();
      stderr.end();
      this.#ended();
    });
    void child.exited
      .then(() => {
        setTimeout(() => {
          child.process.stdout.destroy();
          child.process.stderr.destroy();
        }, PIPE_DRAIN_MS).unref();
        return child.stop();
      })
      .catch((error: unknown) => noise.report('stop-failed', messageOf(error)));
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.process.stdin;
    if (stdin === undefined || !stdin.writable) throw new NotWrittenError('The server is not running.');
    const line = `${JSON.stringify(message)}\n`;
    // The callback comes when the kernel took the bytes, so waiting for it is the back-pressure.
    await new Promise<void>((resolve, reject) => {
      stdin.write(line, (error) => {
        if (error) reject(new NotWrittenError(`The server does not read its input: ${error.message}`));
        else resolve();
      });
    });
  }

  /** Ends the process in stages, grandchildren included. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#child?.stop();
    this.#ended();
  }

  #line(bytes: Buffer, release: () => void): void {
    if (bytes.length === 0 || isBlank(bytes)) return;
    const sizeBytes = bytes.length;
    if (sizeBytes >= HUGE_LINE_BYTES) collectGarbage();
    if (!isUtf8(bytes)) this.#options.noise.report('invalid-utf8', `A line of ${sizeBytes} bytes`);
    let parsed: unknown;
    try {
      parsed = parseAndRelease(bytes, release);
    } catch {
      // The parser's message quotes the line, which may hold anything: only its size is told.
      this.#options.noise.report('not-json', `A line of ${sizeBytes} bytes`);
      return;
    }
    if (sizeBytes >= HUGE_LINE_BYTES) collectGarbage();
    for (const message of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) {
      this.onmessage?.(message as JSONRPCMessage);
    }
  }

  #ended(): void {
    this.#closed = true;
    this.#options.noise.summary();
    const onclose = this.onclose;
    this.onclose = undefined;
    onclose?.();
  }
}

/** The bytes go before the parsed value comes, and the text has no name that would keep it any longer. */
function parseAndRelease(bytes: Buffer, release: () => void): unknown {
  const text = bytes.toString('utf8');
  release();
  return JSON.parse(text);
}

function isBlank(bytes: Buffer): boolean {
  return bytes.length < 64 && bytes.toString('latin1').trim() === '';
}
