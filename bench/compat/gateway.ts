/** `switchyard serve` with the foreign servers behind it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { NamedProgram } from './foreign-programs.ts';
import type { Program } from './raw-stdio.ts';

const COMMAND = join(import.meta.dirname, '../../bin/switchyard.js');

/** A home of its own in the folder; what one start learns of the servers the next one knows. */
export function serveProgram(
  folder: string,
  servers: readonly NamedProgram[],
  ...transport: string[]
): Program {
  const home = join(folder, 'gateway');
  mkdirSync(home, { recursive: true });
  const config = join(home, 'mcp.config.json');
  const entries = servers.map(({ name, ...entry }) => [name, entry] as const);
  const approvals = [{ tool: '*', decision: 'allow' }];
  writeFileSync(config, JSON.stringify({ approvals, mcpServers: Object.fromEntries(entries) }));
  return {
    command: process.execPath,
    args: [COMMAND, 'serve', ...transport, '--config', config],
    env: { SWITCHYARD_HOME: home },
    cwd: home,
  };
}

export interface HttpGateway extends AsyncDisposable {
  readonly url: string;
}

/** On a free port. */
export async function startHttpGateway(
  folder: string,
  servers: readonly NamedProgram[],
): Promise<HttpGateway> {
  const program = serveProgram(folder, servers, '--http', '--port', '0', '--json');
  const child = spawn(program.command, [...program.args], {
    cwd: program.cwd,
    env: { ...process.env, ...program.env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit').then(() => undefined);
  const first: unknown[] | undefined = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited,
  ]);
  if (first === undefined) throw new Error('serve --http ended before it listened.');
  const { url } = JSON.parse(String(first[0])) as { url: string };
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
