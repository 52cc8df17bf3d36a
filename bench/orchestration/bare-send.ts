/** A request over `node:http`, which costs less than `fetch`. */
import { Agent, request } from 'node:http';

import { type ApiMessage, HEADERS, type Send } from './messages-api.ts';

export function bareSend(modelUrl: string): Send {
  const url = new URL(`${modelUrl}/v1/messages`);
  const agent = new Agent({ keepAlive: true });
  return (body) =>
    new Promise<ApiMessage>((resolve, reject) => {
      const headers = { ...HEADERS, 'content-length': Buffer.byteLength(body) };
      const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => resolve(JSON.parse(text) as ApiMessage)).on('error', reject);
      });
      outgoing.on('error', reject).end(body);
    });
}
