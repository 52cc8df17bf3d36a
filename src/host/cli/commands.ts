/** What the command line offers. Each action loads its own file. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { closest } from 'fastest-levenshtein';

import { HostError } from '../../errors.ts';
import { addApprovalCommands } from './approval-commands.ts';
import { addClientCommands } from './client-commands.ts';
import { addLoginCommands } from './login-commands.ts';
import { addModelCommands } from './model-commands.ts';
import { addRunsCommands } from './runs-commands.ts';
import type { ServeFlags } from './serve.ts';
import { addSessionCommands } from './session-commands.ts';
import { addSetUpCommands } from './set-up-commands.ts';
import { addTokensCommands } from './tokens-commands.ts';
import { addTriggerCommands } from './trigger-commands.ts';

export interface GlobalFlags {
  readonly config?: string;
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug';
}

export interface LimitFlags {
  readonly maxUsd?: number;
  readonly maxTurns?: number;
  readonly maxTokens?: number;
  readonly maxToolCalls?: number;
  readonly maxDepth?: number;
  /** Seconds. */
  readonly timeout?: number;
}

export interface RunFlags extends GlobalFlags, LimitFlags {
  readonly model?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  /** What becomes of a call that a person is to allow where none is at the terminal. */
  readonly onAsk?: 'wait' | 'deny';
  /** False with `--no-memory`. */
  readonly memory?: boolean;
  /** The id or the name of the conversation that it continues. */
  readonly session?: string;
  /** A workflow of the config, in place of the agent. */
  readonly workflow?: string;
  /** The request is JSON. */
  readonly inputJson?: boolean;
  /** Names the work: see WorkflowRunOptions. */
  readonly key?: string;
}

export interface ChatFlags extends RunFlags {
  /** Go on with an earlier conversation of this folder. */
  readonly resume?: boolean;
}

export interface ListFlags extends GlobalFlags {
  readonly json?: boolean;
  readonly fresh?: boolean;
}

export interface CallFlags extends GlobalFlags {
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly timeout?: number;
}

export function addCommands(program: Command): void {
  program
    .allowExcessArguments()
    .action(async () => {
      const [unknown] = program.args;
      if (unknown !== undefined) throw unknownCommand(unknown, program);
      await (await import('./chat/chat.ts')).chatOrShow({});
    })
    .addHelpText(
      'after',
      '\nWithout a command: a chat in the terminal. Exit codes: 0 done, 1 failed, 2 wrong usage or config,\n3 stopped by a limit, 4 waiting for an approval, 130 interrupted.',
    );

  withRunFlags(
    withGlobals(program.command('run').argument('<request>', 'the request, or - to read it from stdin')),
  )
    .description('answer one request; stdout carries the answer and nothing else')
    .option('--json', 'write one event a line instead of the answer')
    .addOption(
      new Option(
        '--workflow <name>',
        'give it to this workflow of the config, which names its models itself',
      ).conflicts('model'),
    )
    .option('--input-json', 'with --workflow: the request is JSON, such as a list')
    .option(
      '--key <name>',
      'with --workflow: names this work; sent again, its run goes on where it was left, and is done once',
    )
    .action(async (request: string, flags: RunFlags) => (await import('./run.ts')).run(request, flags));

  withRunFlags(withGlobals(program.command('chat')))
    .description('talk in the terminal; each line of a pipe is a request')
    .option('--resume', 'go on with an earlier conversation of this folder')
    .addOption(
      new Option(
        '--workflow <name>',
        'give plain lines to this workflow of the config, in place of the agent',
      ),
    )
    .action(async (flags: ChatFlags) => (await import('./chat/chat.ts')).chat(flags));

  addListings(program);
  addSessionCommands(program);
  addRunsCommands(program, { withGlobals, withLimits, withAnswers });
  addApprovalCommands(program);
  addOperations(program);
  addModelCommands(program, withGlobals);
  addClientCommands(program);
  addServing(program);
  addTriggerCommands(program, withGlobals);
  addTokensCommands(program);
  addLoginCommands(program, { withGlobals, positiveNumber });
  addSetUpCommands(program, withGlobals);
}

function addListings(program: Command): void {
  withListFlags(program.command('servers'))
    .description('the configured servers and their state')
    .action(async (flags: ListFlags) => (await import('./servers.ts')).servers(flags));

  withListFlags(program.command('tools').argument('[query]', 'what the tool should do'))
    .description('the tools of all servers, or the best ones for a query')
    .option('--limit <count>', 'how many a query finds', positiveInteger, 10)
    .action(async (query: string | undefined, flags: ListFlags & { limit: number }) =>
      (await import('./tools.ts')).tools(query, flags),
    );

  withListFlags(program.command('resources'))
    .description('the resources and resource templates of all servers')
    .action(async (flags: ListFlags) => (await import('./resources.ts')).resources(flags));

  withListFlags(program.command('prompts'))
    .description('the prompts of all servers')
    .action(async (flags: ListFlags) => (await import('./prompts.ts')).prompts(flags));
}

function addOperations(program: Command): void {
  withCallFlags(
    program
      .command('call')
      .argument('<tool>', 'as "tools" lists it')
      .argument('[json]', 'its arguments; - reads stdin'),
  )
    .description('call one tool')
    .option('--yes', 'allow a tool that is not read-only')
    .action(async (tool: string, json: string | undefined, flags: CallFlags) =>
      (await import('./call.ts')).call(tool, json, flags),
    );

  withCallFlags(
    program.command('read').argument('<uri>', 'as "resources" lists it, or one that fits a template'),
  )
    .description('read one resource')
    .action(async (uri: string, flags: CallFlags) => (await import('./read.ts')).read(uri, flags));

  withCallFlags(
    program.command('prompt').argument('<name>', 'as "prompts" lists it').argument('[json]', 'its arguments'),
  )
    .description('get one prompt')
    .action(async (name: string, json: string | undefined, flags: CallFlags) =>
      (await import('./prompt.ts')).prompt(name, json, flags),
    );

  withGlobals(program.command('ingest').argument('<path...>', 'files and folders'))
    .description('fill the retrieval server')
    .option('--json', 'write the outcome as JSON')
    .action(async (paths: string[], flags: CallFlags) => (await import('./ingest.ts')).ingest(paths, flags));
}

function addServing(program: Command): void {
  withGlobals(program.command('serve'))
    .description('be one MCP server for a client, with everything that the configured servers offer')
    .option('--stdio', 'over standard input and output')
    .option('--http', 'over HTTP, for any number of clients at once')
    .option(
      '--port <number>',
      'with --http: the port, 4711 where the config has none; 0 is any free one',
      port,
    )
    .option('--host <address>', 'with --http: the address, 127.0.0.1 where the config has none')
    .option('--json', 'with --http: write where it listens to stdout as JSON')
    .action(async (flags: ServeFlags) => (await import('./serve.ts')).serve(flags));
}

function unknownCommand(name: string, program: Command): HostError {
  const names = program.commands.map((command) => command.name());
  const message = `There is no command "${name}". The nearest is "${closest(name, names)}"; there are ${names.join(', ')}.`;
  return new HostError('usage', message);
}

function withGlobals(command: Command): Command {
  return command
    .option('--config <file>', 'use this config')
    .option('--log-level <level>', 'what is told on stderr: error, warn, info or debug', logLevel);
}

function withRunFlags(command: Command): Command {
  const described = command
    .option('--model <model>', 'an alias of the config, or provider/model')
    .option('--session <session>', 'continue this conversation; a name that there is not yet begins one')
    .option('--no-memory', 'recall nothing before the run and remember nothing of it');
  return withLimits(withAnswers(described));
}

/** Who answers what a person would be asked. */
function withAnswers(command: Command): Command {
  return command
    .option('--yes', 'allow tools that are not read-only')
    .addOption(
      new Option(
        '--on-ask <what>',
        'without a terminal, where a person is to allow a call: wait for one, or deny it. run waits, chat denies',
      ).choices(['wait', 'deny']),
    );
}

function withLimits(command: Command): Command {
  return command
    .option('--max-usd <amount>', 'stop when this much is spent', positiveNumber)
    .option('--max-turns <count>', 'stop after this many turns', positiveInteger)
    .option('--max-tokens <count>', 'stop when this many tokens are used', positiveInteger)
    .option('--max-tool-calls <count>', 'stop after this many tool calls', positiveInteger)
    .option('--max-depth <count>', 'how many parts of workflows may stand one in the other', positiveInteger)
    .option('--timeout <seconds>', 'stop after this time', positiveNumber);
}

function withListFlags(command: Command): Command {
  return withGlobals(command).option('--json', 'write JSON').option('--fresh', 'ask every server again');
}

function withCallFlags(command: Command): Command {
  return withGlobals(command)
    .option('--json', "write the server's own answer")
    .option('--timeout <seconds>', 'how long to wait for an answer', positiveNumber);
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  return value;
}

function logLevel(text: string): string {
  const levels = ['error', 'warn', 'info', 'debug'];
  if (!levels.includes(text)) throw new InvalidArgumentError(`It must be one of ${levels.join(', ')}.`);
  return text;
}
