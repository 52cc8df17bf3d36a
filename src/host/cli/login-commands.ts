/** `switchyard login` and `logout`: a person's yes to remote servers, and taking it back. */
import type { Command } from 'commander';

import type { GlobalFlags } from './commands.ts';

export interface LoginFlags extends GlobalFlags {
  readonly json?: boolean;
  /** False with `--no-browser`. */
  readonly browser?: boolean;
  /** Seconds. */
  readonly timeout?: number;
}

interface Shared {
  readonly withGlobals: (command: Command) => Command;
  readonly positiveNumber: (text: string) => number;
}

export function addLoginCommands(program: Command, { withGlobals, positiveNumber }: Shared): void {
  withGlobals(program.command('login').argument('<server>', 'a server with a url, as "servers" lists it'))
    .description('log in to a remote server, in the browser')
    .option('--no-browser', 'open none: only say which page to open')
    .option('--timeout <seconds>', 'how long to wait for a yes; 300 by default', positiveNumber)
    .option('--json', 'write the outcome as JSON')
    .action(async (server: string, flags: LoginFlags) => (await import('./login.ts')).login(server, flags));
  withGlobals(program.command('logout').argument('<server>', 'the server to log out of'))
    .description('revoke and delete what a login left')
    .option('--json', 'write the outcome as JSON')
    .action(async (server: string, flags: LoginFlags) => (await import('./login.ts')).logout(server, flags));
}
