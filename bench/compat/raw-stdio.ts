/** One process, spoken to on its standard input and output. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { type RawAnswer, type RawClient, resultOf } from './raw-client.ts';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export function startRawStdio({ command, args, env, cwd }: Program): RawClient {
  const child = spawn(command, [...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const open = new Map<number, PromiseWithResolvers<RawAnswer>>();
  const exited = once(child, 'close').then(() => {
    for (const { reject } of open.values()) reject(new Error(`${args.join(' ')} has ended.`));
  });
  // What is asked of a process that ended is told by its end.
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = parsed(line);
    if (answer?.method === undefined && typeof answer?.id === 'number') open.get(answer.id)?.resolve(answer);
  });
  const send = (message: object): void => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };
  let lastId = 0;
  return {
    async request(method, params = {}) {
      const id = ++lastId;
      const answered = Promise.withResolvers<RawAnswer>();
      open.set(id, answered);
      send({ id, method, params });
      return resultOf(await answered.promise);
    },
    async notify(method) {
      send({ method });
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      const late = setTimeout(() => child.kill('SIGKILL'), 8_000);
      await exited;
      clearTimeout(late);
    },
  };
}

/** Some servers print what is no message. */
function parsed(line: string): RawAnswer | undefined {
  try {
    return JSON.parse(line) as RawAnswer;
  } catch {
    return undefined;
  }
}
