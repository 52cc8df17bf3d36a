/** Switchyard as it is measured, and the floors: the same client at the same server with nothing in between. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { JsonObject } from '../../src/json.ts';
import { freePort } from './processes.ts';
import { type Command, startHttp, startStdio } from './start-target.ts';
import type { RunningTarget, Target } from './target.ts';
import { upstream, upstreams } from './upstream.ts';

const COMMAND = join(import.meta.dirname, '../../bin/switchyard.js');

export interface OwnOptions {
  readonly folder: string;
  /** Names its home folder. */
  readonly name: string;
  readonly servers?: JsonObject;
  readonly http?: JsonObject;
  /** The client is of the revision 2026-07-28. */
  readonly isModern?: boolean;
  /** Of Node. */
  readonly nodeOptions?: readonly string[];
}

export const FLOORS: readonly Target[] = [
  { name: 'direct, stdio', kind: 'floor', start: () => startStdio(upstream()) },
  { name: 'direct, HTTP', kind: 'floor', start: () => startHttp(upstream('--http'), printedPort) },
];

export function ownTargets(folder: string): readonly Target[] {
  return [
    {
      name: 'switchyard, stdio → stdio',
      kind: 'ours',
      start: () => startOwnStdio({ folder, name: 'stdio' }),
    },
    {
      name: 'switchyard, HTTP → stdio',
      kind: 'ours',
      start: () => startOwnHttp({ folder, name: 'http' }),
    },
    {
      name: 'switchyard, HTTP of 2026-07-28 → stdio',
      kind: 'ours',
      start: () => startOwnHttp({ folder, name: 'modern', isModern: true }),
    },
  ];
}

export function startOwnStdio(options: OwnOptions): Promise<RunningTarget> {
  return startStdio(ownCommand(options, ['--stdio']));
}

export async function startOwnHttp(options: OwnOptions): Promise<RunningTarget> {
  const port = await freePort();
  const command = ownCommand(options, ['--http', '--port', String(port)]);
  return startHttp(command, () => `http://127.0.0.1:${port}/mcp`, { isModern: options.isModern === true });
}

/** The limit on requests is there to stop what a benchmark does. */
export function ownCommand(
  { folder, name, servers = upstreams(1), http = {}, nodeOptions = [] }: OwnOptions,
  transport: readonly string[],
): Command {
  const home = join(folder, `home-${name}`);
  mkdirSync(home, { recursive: true });
  const file = join(home, 'config.json');
  const serve = { http: { requestsPerMinute: 100_000_000, ...http } };
  writeFileSync(file, JSON.stringify({ mcpServers: servers, serve }));
  return {
    command: process.execPath,
    args: [...nodeOptions, COMMAND, 'serve', ...transport, '--config', file],
    env: { SWITCHYARD_HOME: home },
  };
}

async function printedPort({ stdout }: ChildProcess): Promise<string> {
  const port = await new Promise<string>((resolve) =>
    stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8').trim())),
  );
  return `http://127.0.0.1:${port}/mcp`;
}
