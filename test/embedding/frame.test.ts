import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createConnection } from 'node:net';

import { describe, expect, test } from 'vitest';

import { FrameReader, vectorsOf, writeFrame } from '../../src/embedding/frame.ts';

describe('what goes wrong', () => {
  test('an announcement of an absurd length is refused before it is waited for', () => {
    expect(() => new FrameReader().push(Buffer.alloc(8, 0xff))).toThrow(/announced/);
  });

  test('a body of another length than announced is refused', () => {
    expect(() => vectorsOf(Buffer.alloc(12), 2, 384)).toThrow(/2 vectors were announced in 12 bytes/);
  });
});

test('frames come out whole however the bytes are cut', async () => {
  const sent = await bytesOf((socket) => {
    writeFrame(socket, { type: 'embed', request: 1, texts: ['ä', '', 'third'] });
    const values = Float32Array.from([0.5, -1, 2, 4]);
    writeFrame(socket, { type: 'vectors', request: 2, count: 2, dimensions: 2 }, Buffer.from(values.buffer));
    writeFrame(socket, { type: 'cancel', request: 3 });
  });
  for (const size of [1, 3, 7, sent.length]) {
    const reader = new FrameReader();
    const frames = [];
    for (let start = 0; start < sent.length; start += size)
      frames.push(...reader.push(sent.subarray(start, start + size)));
    expect(frames.map(({ header }) => header)).toEqual([
      { type: 'embed', request: 1, texts: ['ä', '', 'third'] },
      { type: 'vectors', request: 2, count: 2, dimensions: 2 },
      { type: 'cancel', request: 3 },
    ]);
    expect(vectorsOf(frames[1]?.body ?? Buffer.alloc(0), 2, 2).map((vector) => [...vector])).toEqual([
      [0.5, -1],
      [2, 4],
    ]);
  }
});

/** What travels over a real connection. */
async function bytesOf(write: (socket: Socket) => void): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const socket = createConnection(port, '127.0.0.1');
  write(socket);
  socket.end();
  const bytes = await promise;
  await new Promise((closed) => server.close(closed));
  return bytes;
}
