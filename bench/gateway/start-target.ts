/** Starts a process and speaks to it as soon as it answers. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

import { isJsonObject, type Json, jsonText } from '../../src/json.ts';
import { httpClient, type HttpClientOptions } from './http-client.ts';
import { endProcess, startProcess } from './processes.ts';
import { handshake, type RpcClient } from './rpc-client.ts';
import { sseClient } from './sse-client.ts';
import { stdioClient } from './stdio-client.ts';
import type { RunningTarget } from './target.ts';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How many upstreams are to be in its list before it counts as started; 1 by default. */
  readonly upstreams?: number;
}

const START_MS = 30_000;
const LOOK_EVERY_MS = 5;

export function startStdio(command: Command): Promise<RunningTarget> {
  return start(command, async (child) => stdioClient(child));
}

/** The process is asked until it listens. `url` may wait for what the process prints. */
export function startHttp(
  command: Command,
  url: (child: ChildProcess) => string | Promise<string>,
  options: HttpClientOptions = {},
): Promise<RunningTarget> {
  return start(command, async (child) => httpClient(await url(child), options));
}

export function startSse(command: Command, url: string): Promise<RunningTarget> {
  return start(command, () => sseClient(url));
}

async function start(
  { command, args, env, upstreams = 1 }: Command,
  connect: (child: ChildProcess) => Promise<RpcClient>,
): Promise<RunningTarget> {
  const child = startProcess(command, args, { env: { ...process.env, ...env } });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}`)));
  });
  // Whoever waits for it is told; afterwards an end is no failure.
  failed.catch(() => undefined);
  try {
    const client = await Promise.race([failed, connected(child, connect)]);
    const tool = await Promise.race([failed, echoOf(client, upstreams)]);
    return {
      client,
      tool,
      ...(client.url === undefined ? {} : { url: client.url }),
      pid: child.pid ?? 0,
      async [Symbol.asyncDispose]() {
        await client[Symbol.asyncDispose]();
        await endProcess(child);
      },
    };
  } catch (error) {
    await endProcess(child);
    throw error;
  }
}

/** A connection that is refused is tried again: the process is still starting. */
async function connected(
  child: ChildProcess,
  connect: (child: ChildProcess) => Promise<RpcClient>,
): Promise<RpcClient> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    let client: RpcClient | undefined;
    try {
      client = await connect(child);
      await handshake(client);
      return client;
    } catch (error) {
      await client?.[Symbol.asyncDispose]();
      if (child.exitCode !== null || performance.now() > deadline) throw error;
      await delay(LOOK_EVERY_MS);
    }
  }
}

/** Some gateways answer an empty list until their server has been connected. */
async function echoOf(client: RpcClient, upstreams: number): Promise<string> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const { tools } = await client.request('tools/list', {});
    const found = namesOf(tools).filter((name) => name === 'echo' || name.endsWith('_echo'));
    const [first] = found;
    if (first !== undefined && found.length >= upstreams) return first;
    if (performance.now() > deadline)
      throw new Error(`Its list has ${found.length} of ${upstreams} upstreams after ${START_MS} ms.`);
    await delay(LOOK_EVERY_MS);
  }
}

function namesOf(tools: Json | undefined): readonly string[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool: Json) => (isJsonObject(tool) ? [jsonText(tool['name'])] : []));
}
