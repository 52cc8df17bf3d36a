/** `switchyard daemon` and `switchyard triggers …`: what starts runs by itself. */
import { type Command, InvalidArgumentError } from 'commander';

import type { GlobalFlags } from './commands.ts';

export interface TriggerFlags extends GlobalFlags {
  readonly json?: boolean;
}

export interface EventsFlags extends TriggerFlags {
  readonly limit: number;
}

export interface FireFlags extends TriggerFlags {
  readonly eventId?: string;
}

type With = (command: Command) => Command;

const NAME = 'as the config names it';

export function addTriggerCommands(program: Command, withGlobals: With): void {
  withGlobals(program.command('daemon'))
    .description('start runs by the triggers of the config, until it is ended; one for each config')
    .action(async (flags: GlobalFlags) => (await import('./daemon.ts')).daemon(flags));

  const triggers = program.command('triggers').description('what starts runs by itself, and how it stands');
  const withJson: With = (command) => withGlobals(command).option('--json', 'write JSON');
  withJson(triggers.command('list', { isDefault: true }))
    .description('those of the config: what is due next, what came last, and what became of it')
    .action(async (flags: TriggerFlags) => (await import('./triggers/list.ts')).list(flags));
  withJson(triggers.command('events').argument('<name>', NAME))
    .description('what came in for one, the latest first, and what became of it')
    .option('--limit <count>', 'how many at most', positiveInteger, 20)
    .action(async (name: string, flags: EventsFlags) =>
      (await import('./triggers/events.ts')).events(name, flags),
    );
  withJson(
    triggers
      .command('fire')
      .argument('<name>', NAME)
      .argument('[json]', 'the data of the event, an object; - reads stdin'),
  )
    .description(
      'start a run by one as an event would; the daemon works on it, or this command where there is none',
    )
    .option('--event-id <id>', 'the id of the event: what was told before starts nothing')
    .action(async (name: string, json: string | undefined, flags: FireFlags) =>
      (await import('./triggers/fire.ts')).fire(name, json, flags),
    );
  withJson(triggers.command('pause').argument('<name...>', NAME))
    .description('start nothing by these until they are resumed, also after a restart')
    .action(async (names: string[], flags: TriggerFlags) =>
      (await import('./triggers/pause.ts')).pause(names, true, flags),
    );
  withJson(triggers.command('resume').argument('<name...>', NAME))
    .description('let these start runs again')
    .action(async (names: string[], flags: TriggerFlags) =>
      (await import('./triggers/pause.ts')).pause(names, false, flags),
    );
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}
