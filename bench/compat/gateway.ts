/** `switchyard serve` with the foreign servers behind it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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
