import type { ChildProcess } from 'node:child_process';

import { LineBuffer } from '../../src/wire/line-buffer.ts';
import { notificationText, OpenRequests, requestText, type RpcAnswer, type RpcClient } from './rpc-client.ts';

/** Speaks to a process whose input and output are pipes. Ending the process is for whoever started it. */
export function stdioClient({ stdin, stdout }: ChildProcess): RpcClient {
  if (stdin === null || stdout === null) throw new Error('The process has no pipes.');
  const open = new OpenRequests();
  const lines = new LineBuffer(16_000_000, {
    line: (bytes) => open.settle(JSON.parse(bytes.toString('utf8')) as RpcAnswer),
    overlong: ({ sizeBytes }) => open.fail(`A line of ${sizeBytes} bytes came.`),
  });
  stdout.on('data', (chunk: Buffer) => lines.push(chunk));
  stdout.once('close', () => open.fail('The process has gone.'));
  stdin.on('error', (error) => open.fail(error.message));
  return {
    request(method, params) {
      const { id, answer } = open.add();
      stdin.write(`${requestText(id, method, params)}\n`);
      return answer;
    },
    async notify(method) {
      stdin.write(`${notificationText(method)}\n`);
    },
    async [Symbol.asyncDispose]() {
      stdin.end();
    },
  };
}
