/** `switchyard sessions …`: the conversations that are kept. */
import { type Command, Option } from 'commander';

import type { GlobalFlags } from './commands.ts';

export interface SessionFlags extends GlobalFlags {
  readonly json?: boolean;
}

export interface ExportFlags extends SessionFlags {
  readonly format: 'markdown' | 'json';
  readonly output?: string;
  readonly force?: boolean;
}

const SESSION = 'its name, its id, or the beginning of its id';

export function addSessionCommands(program: Command): void {
  const sessions = program.command('sessions').description('the conversations that are kept');
  command(sessions, 'list', { isDefault: true })
    .description('those of this folder, the one that was used last first')
    .option('--all', 'those of all folders')
    .action(async (flags: SessionFlags & { all?: boolean }) => (await import('./sessions.ts')).list(flags));
  command(sessions, 'show')
    .argument('<session>', SESSION)
    .description('what was said in one')
    .action(async (session: string, flags: SessionFlags) =>
      (await import('./sessions.ts')).show(session, flags),
    );
  command(sessions, 'rename')
    .argument('<session>', SESSION)
    .argument('<name>', 'its new name')
    .description('give one a name')
    .action(async (session: string, name: string, flags: SessionFlags) =>
      (await import('./sessions.ts')).rename(session, name, flags),
    );
  command(sessions, 'export')
    .argument('<session>', SESSION)
    .description('write one as Markdown or JSON')
    .addOption(new Option('--format <format>').choices(['markdown', 'json']).default('markdown'))
    .option('--output <file>', 'write it into this file instead of stdout')
    .option('--force', 'replace the file where it is there already')
    .action(async (session: string, flags: ExportFlags) =>
      (await import('./sessions.ts')).exportSession(session, flags),
    );
  command(sessions, 'delete')
    .argument('<session...>', SESSION)
    .description('delete them, their stored results, and what memory holds of them')
    .option('--yes', 'do not ask')
    .action(async (names: string[], flags: SessionFlags & { yes?: boolean }) =>
      (await import('./sessions.ts')).remove(names, flags),
    );
}

function command(parent: Command, name: string, options: { isDefault?: boolean } = {}): Command {
  return parent
    .command(name, options)
    .option('--config <file>', 'use this config')
    .option('--json', 'write JSON');
}
