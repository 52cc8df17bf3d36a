import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { createPost, type PostResponse } from '../../../src/host/model/post.ts';

async function serve(listener: RequestListener): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function post(
  url: string,
  { key = 'one', signal = new AbortController().signal }: { key?: string; signal?: AbortSignal } = {},
): Promise<PostResponse> {
  const send = await createPost(url, { 'x-api-key': key });
  return send({ body: '"ä"', signal });
}

async function text(body: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const piece of body) whole += piece;
  return whole;
}

test('sends the body with its headers, and gives status, headers and body of the answer', async () => {
  await using server = await serve((request, response) => {
    request.setEncoding('utf8').on('data', (body: string) => {
      response.writeHead(429, { 'retry-after': '3' });
      response.end(`${request.method} ${request.url} ${String(request.headers['x-api-key'])} ${body}`);
    });
  });
  const response = await post(server.url);
  expect(response).toMatchObject({ ok: false, status: 429 });
  expect(response.headers.get('retry-after')).toBe('3');
  expect(await text(response.body)).toBe('POST /v1 one "ä"');
});

test('a character that is cut in two comes whole', async () => {
  const [first, second] = [Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1)];
  await using server = await serve((_, response) => {
    response.write(first, () => response.end(second));
  });
  expect(await text((await post(server.url)).body)).toBe('ä');
});

test('a redirect is followed with the same body', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/v1') response.writeHead(307, { location: '/v2' }).end();
    else request.pipe(response.writeHead(200));
  });
  const response = await post(server.url);
  expect(response.ok).toBe(true);
  expect(await text(response.body)).toBe('"ä"');
});

test('a redirect to another origin is not followed, at once or by way of its own: no key goes there', async () => {
  const seen: unknown[] = [];
  await using other = await serve(({ headers }, response) => {
    seen.push(headers['x-api-key']);
    response.end();
  });
  await using server = await serve((request, response) => {
    const location = request.url === '/way' ? '/v1' : other.url;
    response.writeHead(307, { location }).end();
  });
  await expect(post(server.url)).rejects.toThrow('keys and conversations are not sent');
  await expect(post(server.url.replace('/v1', '/way'))).rejects.toThrow();
  expect(seen).toEqual([]);
});

test('a body that breaks off rejects, and so does an abort', async () => {
  await using server = await serve((request, response) => {
    response.write('half', () => {
      if (request.headers['x-api-key'] === 'one') response.destroy();
    });
  });
  await expect(text((await post(server.url)).body)).rejects.toThrow('aborted');
  const abort = new AbortController();
  const response = await post(server.url, { key: 'two', signal: abort.signal });
  const reading = text(response.body);
  abort.abort();
  await expect(reading).rejects.toThrow('aborted');
});

test('nobody there rejects with what the system says', async () => {
  const { url, [Symbol.asyncDispose]: close } = await serve(() => undefined);
  await close();
  await expect(post(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

test('a reader that leaves closes the connection; one that is slow makes the server wait', async () => {
  const closed = Promise.withResolvers<number>();
  const piece = 'x'.repeat(60_000);
  await using server = await serve((_, response) => {
    let sent = 0;
    const send = (): void => {
      while (!response.destroyed && response.write(piece)) sent += 1;
    };
    response.on('drain', send).once('close', () => closed.resolve(sent));
    send();
  });
  const { body } = await post(server.url);
  for await (const first of body) {
    expect(first).toMatch(/^x+$/);
    // Whole rounds of the event loop, in which an endless answer would go on coming.
    for (let round = 0; round < 200; round += 1) await setImmediate();
    break;
  }
  expect(await closed.promise).toBeLessThan(400);
});
