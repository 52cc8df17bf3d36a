import type { Command } from 'commander';

import type { ModelsFlags } from './models.ts';

/** `models list|pull|remove`; without a word of its own it lists. */
export function addModelCommands(program: Command, withGlobals: (command: Command) => Command): void {
  const models = program
    .command('models')
    .description('the models in reach, and the small local ones that can be pulled');
  withGlobals(models.command('list', { isDefault: true }))
    .description('the models in reach and the local ones')
    .option('--json', 'write JSON')
    .action(async (flags: ModelsFlags) => (await import('./models.ts')).list(flags));
  models
    .command('pull')
    .argument('[model]', 'local-1.5b, local-4b or local-0.5b', 'local')
    .description('bring a local model and what runs it; asks first')
    .option('--yes', 'do not ask')
    .option('--json', 'write the outcome as JSON')
    .action(async (name: string, flags: ModelsFlags) => (await import('./models.ts')).pull(name, flags));
  models
    .command('remove')
    .argument('<model>', 'as "models list" names it')
    .description('remove a local model, and what runs it with the last one')
    .option('--json', 'write the outcome as JSON')
    .action(async (name: string, flags: ModelsFlags) => (await import('./models.ts')).remove(name, flags));
}
