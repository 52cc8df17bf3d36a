/**
 * The SDK's reader joins its buffer again for every chunk (quadratic) and closes the connection on a message over 10 MB.
 * This one is linear, and answers a message over its limit with an error while the connection lives.
 */
import type { Readable } from 'node:stream';

import { isJSONRPCResultResponse, parseJSONRPCMessage } from '@modelcontextprotocol/server';
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/server';

import { messageOf } from '../errors.ts';
import { LineBuffer } from './line-buffer.ts';
import type { OversizedLine } from './line-buffer.ts';

const MEGABYTE = 1024 * 1024;
const INVALID_REQUEST = -32600;
const INTERNAL_ERROR = -32603;

export interface StdioTransportOptions {
  readonly input: Readable;
  /** Writes to the real standard output; the callback tells when the text has left, or why it cannot. */
  readonly write: (text: string, done: (error?: Error | null) => void) => void;
  readonly maxMessageBytes?: number;
}

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #input: Readable;
  readonly #write: StdioTransportOptions['write'];
  readonly #maxMessageBytes: number;
  readonly #lines: LineBuffer;
  #closed = false;

  constructor({ input, write, maxMessageBytes = 256 * MEGABYTE }: StdioTransportOptions) {
    this.#input = input;
    this.#write = write;
    this.#maxMessageBytes = maxMessageBytes;
    this.#lines = new LineBuffer({
      maxLineBytes: maxMessageBytes,
      onLine: (line) => this.#receive(line),
      onOversized: (line) => this.#refuse(line),
    });
  }

  async start(): Promise<void> {
    this.#input.on('data', this.#onData);
    this.#input.on('error', this.#onInputError);
    this.#input.on('end', this.#onEnd);
    this.#input.on('close', this.#onEnd);
    if (this.#input.readableEnded || this.#input.destroyed) setImmediate(this.#onEnd);
  }

  /** Rejects when the text cannot be written. A result too large to be one string goes out as an error of its request. */
  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) throw new Error('The connection is closed.');
    const text = serialize(message);
    await new Promise<void>((resolve, reject) => {
      this.#write(text, (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#input.off('data', this.#onData);
    this.#input.off('end', this.#onEnd);
    this.#input.off('close', this.#onEnd);
    this.#input.pause();
    this.onclose?.();
  }

  readonly #onData = (chunk: Buffer): void => this.#lines.push(chunk);
  readonly #onInputError = (error: Error): void => {
    this.onerror?.(error);
    void this.close();
  };
  readonly #onEnd = (): void => {
    void this.close();
  };

  #receive(line: string): void {
    if (this.#closed || line.trim() === '') return;
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(JSON.parse(line));
    } catch (error) {
      this.onerror?.(
        new Error(`A line of standard input is no JSON-RPC message: ${messageOf(error).slice(0, 300)}`),
      );
      return;
    }
    this.onmessage?.(message);
  }

  #refuse(line: OversizedLine): void {
    const message = `A message of ${line.sizeBytes} bytes is over the limit of ${this.#maxMessageBytes} bytes. Send it in parts.`;
    this.onerror?.(new Error(message));
    const id = requestIdOf(line);
    if (id === undefined || this.#closed) return;
    this.send({ jsonrpc: '2.0', id, error: { code: INVALID_REQUEST, message } }).catch((error: unknown) => {
      this.onerror?.(new Error(messageOf(error)));
    });
  }
}

function serialize(message: JSONRPCMessage): string {
  try {
    return `${JSON.stringify(message)}\n`;
  } catch (error) {
    if (!isJSONRPCResultResponse(message)) throw error;
    const text = `The result cannot be sent: ${messageOf(error)}. Ask for a smaller part of it.`;
    return `${JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: INTERNAL_ERROR, message: text } })}\n`;
  }
}

/** Clients write a request's id at one end of the message; the middle is gone by then. */
function requestIdOf({ head, tail }: OversizedLine): RequestId | undefined {
  const pattern = String.raw`"id"\s*:\s*(-?\d+|"(?:[^"\\]|\\.)*")`;
  const found =
    new RegExp(`${pattern}\\s*\\}\\s*$`).exec(tail) ??
    new RegExp(`^\\s*\\{(?:\\s*"(?:jsonrpc|method)"\\s*:\\s*"[^"]*"\\s*,)*\\s*${pattern}`).exec(head);
  return found?.[1] === undefined ? undefined : (JSON.parse(found[1]) as RequestId);
}
