/** A client on standard input and output: lines of JSON-RPC, as fast as the client reads them. */
import type { Readable } from 'node:stream';

import { messageOf } from '../../errors.ts';
import type { LogSink } from '../../registry/contract.ts';
import { LineBuffer, type OverlongLine } from '../../wire/line-buffer.ts';
import { identifyOverlong } from '../../wire/overlong-id.ts';
import type { Channel } from './channel.ts';
import { ClientSession } from './client-session.ts';
import type { Facade } from './facade.ts';
import type { ProtocolOutput } from './own-stdout.ts';
import { PacedInput } from './paced-input.ts';
import { parseMessage } from './parse-message.ts';
import { ERROR } from './protocol.ts';
import { serialised } from './serialised.ts';

export interface StdioOptions {
  readonly facade: Facade;
  readonly input: Readable;
  readonly output: ProtocolOutput;
  readonly signal: AbortSignal;
  readonly log: LogSink;
  /** 64 MB by default. */
  readonly maxMessageBytes?: number;
}

/** Parsed, a message can take many times its bytes. */
const MAX_MESSAGE_BYTES = 64 * 1_024 * 1_024;

/** Resolves when the input has ended, the output is gone, or the signal aborts; what is open is cancelled then. */
export async function serveStdio(options: StdioOptions): Promise<void> {
  const { facade, input, output, signal, log } = options;
  const { maxMessageBytes = MAX_MESSAGE_BYTES } = options;
  const ended = Promise.withResolvers<string>();
  const channel = createChannel(output, () => paced.hold());
  const session = new ClientSession(facade, channel);
  const lines = new LineBuffer(maxMessageBytes, {
    line: (bytes, release) => receiveLine(bytes, release, session, channel),
    overlong: (line) => refuseOverlong(line, maxMessageBytes, channel),
  });
  const paced = new PacedInput(input, (bytes) => lines.push(bytes));
  const onAbort = (): void => ended.resolve('signal');
  input.once('end', () => ended.resolve('end of input'));
  input.once('close', () => ended.resolve('end of input'));
  input.once('error', (error) => ended.resolve(messageOf(error)));
  output.stream.once('error', (error) => ended.resolve(messageOf(error)));
  output.stream.on('drain', () => paced.release());
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const reason = await ended.promise;
  log({ level: 'info', component: 'serve', event: 'client-gone', fields: { reason } });
  paced.stop();
  session.close();
  signal.removeEventListener('abort', onAbort);
  input.destroy();
}

/** Where the client does not read, nothing is read of it: what waits to be written is bounded by what it asked before. */
function createChannel({ stream, write }: ProtocolOutput, onFull: () => void): Channel {
  return {
    congested: () => stream.writableNeedDrain,
    send(message) {
      if (stream.destroyed || !stream.writable) return;
      if (!write(`${serialised(message)}\n`)) onFull();
    },
  };
}

function receiveLine(bytes: Buffer, release: () => void, session: ClientSession, channel: Channel): void {
  if (isBlank(bytes)) return;
  const parsed = parseMessage(bytes, release);
  if (parsed.type === 'json') session.receive(parsed.value);
  else {
    const { code, message, id = null } = parsed;
    channel.send({ jsonrpc: '2.0', id, error: { code, message } });
  }
}

/** As the carriage return of a line that ends in both is. */
function isBlank(bytes: Buffer): boolean {
  return bytes.length < 64 && bytes.toString('latin1').trim() === '';
}

function refuseOverlong(line: OverlongLine, maxMessageBytes: number, channel: Channel): void {
  const { candidates } = identifyOverlong(line);
  const message = `A message of ${line.sizeBytes} bytes is over the limit of ${maxMessageBytes} bytes. Send it in parts.`;
  channel.send({
    jsonrpc: '2.0',
    id: candidates[0] ?? null,
    error: { code: ERROR.invalidRequest, message },
  });
}
