import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { chatFetch } from '../../../src/host/model/chat-fetch.ts';

async function serve(listener: RequestListener): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const send = chatFetch({ apiKey: 'one', headers: { 'api-key': 'two' }, ownVariables: false });
const asked = { method: 'POST', body: '{"question": 1}' };

test('a redirect to another origin is refused: neither keys nor the conversation go there', async () => {
  const reached: string[] = [];
  await using other = await serve((request, response) => {
    reached.push(request.url ?? '');
    response.end('{}');
  });
  await using first = await serve((_request, response) => {
    response.writeHead(307, { location: `${other.url}/stolen` }).end();
  });
  await expect(send(`${first.url}/v1`, asked)).rejects.toThrow(/sends requests on to .* set "baseUrl" to it/);
  expect(reached).toEqual([]);
});

test('a redirect within the origin is followed with the same body, once', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/v1') response.writeHead(307, { location: '/v2' }).end();
    else if (request.url === '/round') response.writeHead(307, { location: '/round' }).end();
    else request.pipe(response);
  });
  expect(await (await send(`${server.url}/v1`, asked)).text()).toBe('{"question": 1}');
  await expect(send(`${server.url}/round`, asked)).rejects.toThrow();
});
