/** `switchyard runs …`: what was asked for, step by step, and how it goes on. */
import { type Command, InvalidArgumentError, Option } from 'commander';

import { size, time } from './amount-argument.ts';
import type { GlobalFlags, LimitFlags, RunFlags } from './commands.ts';

export interface ListRunsFlags {
  readonly all?: boolean;
  readonly status?: RunState;
  readonly limit: number;
  readonly json?: boolean;
}

/** `interrupted`: its host died with it. The other words are those of the engine. */
export type RunState = (typeof RUN_STATES)[number];

const RUN_STATES = [
  'running',
  'interrupted',
  'waiting',
  'suspended',
  'stopped',
  'done',
  'failed',
  'cancelled',
] as const;

export type GoOnFlags = Pick<RunFlags, 'config' | 'logLevel' | 'json' | 'yes' | 'onAsk'> & LimitFlags;

export interface ForkFlags extends GoOnFlags {
  readonly at: number;
  readonly model?: string;
  readonly input?: string;
}

export interface AnswerFlags extends GlobalFlags {
  readonly json?: boolean;
  readonly decline?: boolean;
  /** From 1. */
  readonly question?: number;
  /** False with `--no-resume`. */
  readonly resume?: boolean;
}

export interface ReplayFlags extends GlobalFlags {
  readonly json?: boolean;
}

export interface DeleteFlags extends ReplayFlags {
  readonly yes?: boolean;
}

export interface PruneFlags extends ReplayFlags {
  /** Milliseconds. */
  readonly olderThan?: number;
  /** Bytes. */
  readonly maxSize?: number;
  readonly dryRun?: boolean;
}

type With = (command: Command) => Command;

const RUN = 'its id, or the beginning of it';

export function addRunsCommands(
  program: Command,
  { withGlobals, withLimits, withAnswers }: Record<'withGlobals' | 'withLimits' | 'withAnswers', With>,
): void {
  const runs = program.command('runs').description('what was asked for, step by step, and how it goes on');
  const withJson: With = (command) => command.option('--json', 'write JSON');
  const goesOn = (command: Command): Command =>
    withLimits(withAnswers(withGlobals(command))).option(
      '--json',
      'write one event a line instead of the answer',
    );

  withJson(runs.command('list', { isDefault: true }))
    .description('those of this folder, the latest first')
    .option('--all', 'those of all folders')
    .addOption(new Option('--status <status>', 'only those in this state').choices(RUN_STATES))
    .option('--limit <count>', 'how many at most', positiveInteger, 50)
    .action(async (flags: ListRunsFlags) => (await import('./runs/list.ts')).list(flags));
  withJson(runs.command('show').argument('<run>', RUN))
    .description('one with its steps: what, how long, tokens, cost, and what came of it')
    .action(async (run: string, flags: { json?: boolean }) =>
      (await import('./runs/show.ts')).show(run, flags),
    );
  goesOn(runs.command('resume').argument('<run>', RUN))
    .description(
      'go on with one that was cut off, waits, or was stopped by a limit, with higher limits where they are given',
    )
    .action(async (run: string, flags: GoOnFlags) => (await import('./runs/go-on.ts')).resume(run, flags));
  goesOn(runs.command('fork').argument('<run>', RUN))
    .description('begin another run with the steps of one, up to a step')
    .requiredOption(
      '--at <step>',
      'the last step that it takes over, as "runs show" numbers them; 0 for none',
      step,
    )
    .option('--model <model>', 'answer with another model: an alias of the config, or provider/model')
    .option('--input <request>', 'ask for something else')
    .action(async (run: string, flags: ForkFlags) => (await import('./runs/go-on.ts')).fork(run, flags));
  const wakes = (command: Command): Command =>
    withGlobals(command)
      .option('--no-resume', 'do not go on with the run here where no program has it')
      .option('--json', 'write JSON');
  wakes(runs.command('answer').argument('<run>', RUN).argument('[answer]', 'words, yes or no, or JSON'))
    .description('answer what a run asks a person; without an answer, what it asks')
    .option('--question <number>', 'which, where it asks more than one thing', positiveInteger)
    .option('--decline', 'do not answer')
    .action(async (run: string, words: string | undefined, flags: AnswerFlags) =>
      (await import('./runs/answer.ts')).answer(run, words, flags),
    );
  wakes(
    runs
      .command('signal')
      .argument('<run>', RUN)
      .argument('<name>', 'the signal')
      .argument('[json]', 'its value'),
  )
    .description('wake what waits for a signal in a run')
    .action(async (run: string, name: string, json: string | undefined, flags: AnswerFlags) =>
      (await import('./runs/answer.ts')).signal(run, name, json, flags),
    );
  withJson(withGlobals(runs.command('replay').argument('<run>', RUN)))
    .description('compare one with what the program would do today; nothing is asked or called')
    .action(async (run: string, flags: ReplayFlags) => (await import('./runs/replay.ts')).replay(run, flags));
  withJson(runs.command('cancel').argument('<run...>', RUN))
    .description('end them for good, in whichever process they are')
    .action(async (ids: string[], flags: { json?: boolean }) =>
      (await import('./runs/cancel.ts')).cancel(ids, flags),
    );
  withJson(withGlobals(runs.command('delete').argument('<run...>', RUN)))
    .description('delete them, their stored results, and their parts of conversations')
    .option('--yes', 'do not ask')
    .action(async (ids: string[], flags: DeleteFlags) =>
      (await import('./runs/delete.ts')).remove(ids, flags),
    );
  withJson(withGlobals(runs.command('prune')))
    .description('delete runs that have ended, of all folders, by age and size')
    .option('--older-than <time>', 'those that ended longer ago, as in 12h, 30d', time)
    .option('--max-size <size>', 'the oldest, until all runs together are no larger, as in 500MB, 2GB', size)
    .option('--dry-run', 'delete nothing, and tell what would be')
    .action(async (flags: PruneFlags) => (await import('./runs/delete.ts')).prune(flags));
}

function step(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError('It must be the number of a step, or 0.');
  return value;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}
