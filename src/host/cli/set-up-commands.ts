/** `switchyard config …`, `budget`, `doctor`, and our own servers alone: to set up, to check, to see what is spent. */
import type { Command } from 'commander';

import type { GlobalFlags } from './commands.ts';

export function addSetUpCommands(program: Command, withGlobals: (command: Command) => Command): void {
  const config = program.command('config').description('write, validate and explain mcp.config.json');
  config
    .command('init')
    .description('write a first mcp.config.json into this folder')
    .action(async () => (await import('./config.ts')).init());
  withGlobals(config.command('check'))
    .description('validate the config that would be used')
    .option('--json', 'write the outcome as JSON')
    .action(async (flags: GlobalFlags & { json?: boolean }) => (await import('./config.ts')).check(flags));
  config
    .command('schema')
    .description('print the JSON Schema of mcp.config.json')
    .option('--markdown', 'print it as a table')
    .action(async (flags: { markdown?: boolean }) => (await import('./config.ts')).schema(flags));
  config
    .command('trust')
    .argument('[file]', 'the config to accept', 'mcp.config.json')
    .description('accept the servers that a config starts')
    .option('--yes', 'do not ask')
    .action(async (file: string, flags: { yes?: boolean }) =>
      (await import('./config.ts')).trust(file, flags),
    );

  withGlobals(program.command('budget'))
    .description('what is spent today, by workflow, client and conversation, beside the limits of the config')
    .option('--json', 'write it as JSON')
    .action(async (flags: GlobalFlags & { json?: boolean }) => (await import('./budget.ts')).budget(flags));

  withGlobals(program.command('doctor'))
    .description('check this installation, the config, the models and every server')
    .option('--json', 'write the findings as JSON')
    .action(async (flags: GlobalFlags & { json?: boolean }) => (await import('./doctor.ts')).doctor(flags));

  program
    .command('server')
    .argument('<name>', 'retrieval, memory, filesystem or web')
    .argument('[options...]', 'its own; "switchyard server retrieval --help" lists them')
    .description('run one of our own servers alone, over stdio or --http')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (name: string, options: string[]) => (await import('./server.ts')).server(name, options));
}
