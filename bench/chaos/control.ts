import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

import type { ControlPoint, ControlQuestion, ControlReply } from '../../test/fixtures/mcp/ledger-entry.ts';

/** A request that has come to a point of the ledger server. */
export interface HeldRequest {
  readonly point: ControlPoint;
  readonly label: string;
  /** Of the server. */
  readonly pid: number;
  /** Of the process that started the server. */
  readonly host: number;
  /** Lets it go on. */
  release(): void;
}

export interface Control extends AsyncDisposable {
  /** What ledger servers connect to. */
  readonly socketPath: string;
}

/**
 * Where ledger servers tell what point a request of theirs has come to. It goes on at once unless `isHeld` says that it
 * is kept: then whoever keeps it releases it, or ends its server.
 */
export async function openControl(
  socketPath: string,
  isHeld: (request: HeldRequest) => boolean,
): Promise<Control> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A server that is killed breaks its connection; that it is gone is seen by who killed it.
    socket.on('error', () => socket.destroy());
    const lines = createInterface({ input: socket });
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      const { id, ...place } = JSON.parse(line) as ControlQuestion;
      const reply: ControlReply = { id };
      const release = (): void => void (socket.writable && socket.write(`${JSON.stringify(reply)}\n`));
      if (!isHeld({ ...place, release })) release();
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    socketPath,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
