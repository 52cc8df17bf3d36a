/** Stands for the public internet: a proxy on loopback with some pages, whatever their addresses. */
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export interface Web extends AsyncDisposable {
  /** Of the proxy. */
  readonly url: string;
}

export async function openWeb(pages: Readonly<Record<string, string>>): Promise<Web> {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    // Behind a tunnel the request names the host beside the path.
    const address = path.startsWith('http') ? path : `http://${request.headers.host}${path}`;
    const page = pages[address];
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page ?? 'There is no such page.');
  });
  server.on('connect', (_request, socket, head) => {
    const own = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      own.write(head);
      own.pipe(socket).pipe(own);
    });
    for (const end of [own, socket]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await ended;
    },
  };
}
