/** `switchyard import`: the servers that other clients have. */
import type { Command } from 'commander';

import type { GlobalFlags } from './commands.ts';

export interface ImportFlags extends GlobalFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addClientCommands(program: Command): void {
  program
    .command('import')
    .argument(
      '[client...]',
      'claude-desktop, claude-code, cursor, vscode, windsurf, zed, gemini, codex, cline, lmstudio',
    )
    .description('take over the servers of other clients; of all that are found, where none is named')
    .option('--config <file>', 'add them to this config instead of ./mcp.config.json')
    .option('--dry-run', 'show what would be added, and change nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'write the outcome as JSON')
    .action(async (clients: string[], flags: ImportFlags) =>
      (await import('./import.ts')).importServers(clients, flags),
    );
}
