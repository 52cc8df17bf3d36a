/** `switchyard tokens …`: clients' way in to `serve --http`. */
import type { Command } from 'commander';

import { time } from './amount-argument.ts';

export interface AddTokenFlags {
  /** Milliseconds from now on. */
  readonly expires?: number;
  readonly json?: boolean;
}

export function addTokensCommands(program: Command): void {
  const tokens = program.command('tokens').description('the tokens with which clients use serve --http');
  tokens
    .command('list', { isDefault: true })
    .description('whose there are; what a token is, nobody can show again')
    .option('--json', 'write JSON')
    .action(async (flags: { json?: boolean }) => (await import('./tokens.ts')).list(flags));
  tokens
    .command('add')
    .argument('<name>', 'the client that is to have it')
    .description('make one; it is shown this once')
    .option(
      '--expires <time>',
      'how long it is good for, as in 12h, 90d; for good where it is left out',
      time,
    )
    .option('--json', 'write JSON')
    .action(async (name: string, flags: AddTokenFlags) => (await import('./tokens.ts')).add(name, flags));
  tokens
    .command('revoke')
    .argument('<name>', 'as the list names it')
    .description('end one; a server that runs refuses it from then on')
    .option('--json', 'write JSON')
    .action(async (name: string, flags: { json?: boolean }) =>
      (await import('./tokens.ts')).revoke(name, flags),
    );
}
