/** `switchyard approvals …`: what waits for a person, and what one answered with "always". */
import { type Command, Option } from 'commander';

import type { AlwaysScope } from '../tool-call/policy.ts';
import type { GlobalFlags } from './commands.ts';

export interface ListApprovalsFlags {
  readonly json?: boolean;
  readonly all?: boolean;
}

export interface DecideFlags extends GlobalFlags {
  readonly reason?: string;
  /** False with `--no-resume`. */
  readonly resume?: boolean;
  readonly json?: boolean;
}

export interface ForgetFlags {
  readonly all?: boolean;
  readonly folder?: string;
  readonly scope?: AlwaysScope;
}

const ID = 'its id, or the beginning of it';

export function addApprovalCommands(program: Command): void {
  const approvals = program
    .command('approvals')
    .description('the calls that wait for a yes, and the tools that are always allowed');
  approvals
    .command('list', { isDefault: true })
    .description('what waits, then what is always allowed; of all folders')
    .option('--all', 'also what was used, denied, or expired')
    .option('--json', 'write JSON')
    .action(async (flags: ListApprovalsFlags) => (await import('./approvals.ts')).list(flags));
  approvals
    .command('show')
    .argument('<id>', ID)
    .description('one with all of its arguments, and what it would change')
    .option('--json', 'write JSON')
    .action(async (id: string, flags: { json?: boolean }) =>
      (await import('./approvals.ts')).show(id, flags),
    );
  decision(approvals, 'approve')
    .description('allow these calls, once')
    .action(async (ids: string[], flags: DecideFlags) =>
      (await import('./decide-approvals.ts')).decide(ids, 'approved', flags),
    );
  decision(approvals, 'deny')
    .description('say no to these calls; what is approved and not used yet is taken back')
    .option('--reason <text>', 'why; whoever asked for the call is told')
    .action(async (ids: string[], flags: DecideFlags) =>
      (await import('./decide-approvals.ts')).decide(ids, 'denied', flags),
    );
  approvals
    .command('forget')
    .argument('[tool...]', 'as the list names it')
    .description('ask about these tools again')
    .option('--all', 'all tools that are always allowed in the folder')
    .option('--folder <folder>', 'the folder in which they are to be asked about, in place of this one')
    .addOption(
      new Option('--scope <scope>', 'only what was allowed this far').choices([
        'session',
        'folder',
        'person',
      ]),
    )
    .action(async (tools: string[], flags: ForgetFlags) =>
      (await import('./forget-approvals.ts')).forget(tools, flags),
    );
}

function decision(parent: Command, name: string): Command {
  return parent
    .command(name)
    .argument('<id...>', ID)
    .option('--config <file>', 'the config of the run that waits')
    .option('--no-resume', 'leave it to others to go on with the run')
    .option('--json', 'write the events of a run that goes on, one a line');
}
