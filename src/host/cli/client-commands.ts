/** `switchyard import`, `install` and `uninstall`: other clients' servers for us, and us for other clients. */
import type { Command } from 'commander';

import type { GlobalFlags } from './commands.ts';

export interface ImportFlags extends GlobalFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export interface InstallFlags extends GlobalFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const CLIENTS =
  'claude-desktop, claude-code, cursor, vscode, windsurf, zed, gemini, codex, cline or lmstudio';

export function addClientCommands(program: Command): void {
  program
    .command('import')
    .argument('[client...]', CLIENTS)
    .description('take over the servers of other clients; of all that are found, where none is named')
    .option('--config <file>', 'add them to this config instead of ./mcp.config.json')
    .option('--dry-run', 'show what would be added, and change nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'write the outcome as JSON')
    .action(async (clients: string[], flags: ImportFlags) =>
      (await import('./import.ts')).importServers(clients, flags),
    );
  program
    .command('install')
    .argument('<client>', CLIENTS)
    .description("write an entry into a client's config that starts this program as one MCP server")
    .option('--config <file>', 'the config that it serves, instead of the one that would be used here')
    .option('--dry-run', 'show the change, and make none')
    .option('--json', 'write the outcome as JSON')
    .action(async (client: string, flags: InstallFlags) =>
      (await import('./install.ts')).install(client, flags),
    );
  program
    .command('uninstall')
    .argument('<client>', CLIENTS)
    .description("take that entry out of a client's config")
    .option('--dry-run', 'show the change, and make none')
    .option('--json', 'write the outcome as JSON')
    .action(async (client: string, flags: InstallFlags) =>
      (await import('./install.ts')).uninstall(client, flags),
    );
}
