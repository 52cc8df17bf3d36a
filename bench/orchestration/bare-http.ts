/** The patterns with `node:http`, which costs less than `fetch`. */
import { Agent, request } from 'node:http';

import { barePatterns } from './bare-patterns.ts';
import { type ApiMessage, HEADERS } from './messages-api.ts';
import { compete } from './subject.ts';

const [modelUrl = ''] = process.argv.slice(2);
const url = new URL(`${modelUrl}/v1/messages`);
const agent = new Agent({ keepAlive: true });

await compete(
  barePatterns(
    (body) =>
      new Promise<ApiMessage>((resolve, reject) => {
        const headers = { ...HEADERS, 'content-length': Buffer.byteLength(body) };
        const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
          response.on('end', () => resolve(JSON.parse(text) as ApiMessage)).on('error', reject);
        });
        outgoing.on('error', reject).end(body);
      }),
  ),
);
