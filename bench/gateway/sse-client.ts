/** The transport of the 2024 revision: answers come on one stream, whose first event says where requests are to go. */
import { createParser } from 'eventsource-parser';
import { Pool } from 'undici';

import { notificationText, OpenRequests, requestText, type RpcAnswer, type RpcClient } from './rpc-client.ts';

/** Resolves when the stream has said where requests go. */
export async function sseClient(url: string): Promise<RpcClient> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 33, pipelining: 1, keepAliveTimeout: 60_000, bodyTimeout: 0 });
  const open = new OpenRequests();
  const endpoint = Promise.withResolvers<string>();
  const parser = createParser({
    onEvent({ event, data }) {
      if (event === 'endpoint') endpoint.resolve(data);
      else open.settle(JSON.parse(data) as RpcAnswer);
    },
  });
  const headers = { accept: 'text/event-stream' };
  const { statusCode, body } = await pool.request({ method: 'GET', path: pathname, headers });
  if (statusCode !== 200) {
    await pool.destroy();
    throw new Error(`HTTP ${statusCode}`);
  }
  body.setEncoding('utf8');
  body.on('data', (text: string) => parser.feed(text));
  body.on('error', () => open.fail('The stream broke.'));
  const path = await endpoint.promise;
  const post = async (message: string): Promise<void> => {
    const sent = await pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: message,
    });
    await sent.body.dump();
  };
  return {
    async request(method, params) {
      const { id, answer } = open.add();
      const [result] = await Promise.all([answer, post(requestText(id, method, params))]);
      return result;
    },
    notify: (method) => post(notificationText(method)),
    async [Symbol.asyncDispose]() {
      await pool.destroy();
    },
  };
}
