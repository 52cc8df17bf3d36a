/** Servers that the suite is run against: the fixture itself, and the gateway with the fixture behind it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type UpstreamEra = 'legacy' | 'modern';

export interface Target extends AsyncDisposable {
  readonly url: string;
}

const FIXTURE = join(import.meta.dirname, 'fixture/main.ts');
const PROGRAM = join(import.meta.dirname, '../../bin/switchyard.js');
const ANSWER_MS = 60_000;

/** Both eras on one URL, or one of them. */
export function openFixture(era?: UpstreamEra): Promise<Target> {
  return open([FIXTURE, '--http', ...(era === undefined ? [] : [era])], {}, async () => undefined);
}

/** The fixture behind a gateway: which era it speaks there, and over what. */
export interface Upstream {
  readonly era: UpstreamEra;
  readonly transport: 'stdio' | 'http';
}

/** A gateway of its own, with names as the fixture has them, and everything allowed. */
export async function openGateway({ era, transport }: Upstream): Promise<Target> {
  const behind = transport === 'http' ? await openFixture(era) : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-conformance-gateway-'));
  const home = join(folder, 'home');
  const config = join(folder, 'config.json');
  await mkdir(home);
  await writeFile(
    config,
    JSON.stringify({
      naming: 'bare',
      mcpServers: {
        fixture: behind
          ? { url: behind.url }
          : { command: process.execPath, args: [FIXTURE, '--stdio', era] },
      },
      approvals: [{ decision: 'allow' }],
    }),
  );
  const env = { HOME: home, SWITCHYARD_HOME: home, OLLAMA_HOST: '127.0.0.1:9' };
  const args = [PROGRAM, 'serve', '--http', '--port', '0', '--config', config];
  return open(args, env, async () => {
    await behind?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
}

/** Resolves when the process has said where it listens. */
async function open(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  afterwards: () => Promise<unknown>,
): Promise<Target> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const close = async (): Promise<void> => {
    await stop(child);
    await afterwards();
  };
  try {
    return { url: await urlOf(child), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function urlOf(child: ChildProcess): Promise<string> {
  const told: string[] = [];
  const found = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    // Read on to the end, for a server whose output is not read may stand still.
    createInterface({ input: stream }).on('line', (line) => {
      told.push(line);
      const [url] = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(line) ?? [];
      if (url !== undefined) found.resolve(url);
    });
  }
  const fail = (why: string) => (): void => found.reject(new Error(`The server ${why}:\n${told.join('\n')}`));
  child.once('exit', fail('ended before it listened'));
  const timer = setTimeout(fail('does not say where it listens'), ANSWER_MS);
  try {
    return await found.promise;
  } finally {
    clearTimeout(timer);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
