import { oneLine } from '../../terminal.ts';
import type { ChatCommand } from './command.ts';
import { compact } from './compact.ts';
import { goOn } from './continue.ts';
import { cost } from './cost.ts';
import { model } from './model.ts';
import { resume, session } from './session.ts';
import { servers } from './servers.ts';
import { tools } from './tools.ts';

/** Characters. */
const DESCRIBED = 200;

const help: ChatCommand = {
  name: 'help',
  description: 'this list, and the keys',
  run(_argument, chat) {
    chat.table(
      COMMANDS.map(({ name, argument, description }) => [`/${name} ${argument ?? ''}`.trim(), description]),
    );
    const workflows = chat.workflows();
    if (workflows.length > 0) {
      chat.say('Workflows of the config; their results are part of the conversation:');
      chat.table(
        workflows.map(({ name, description = '' }) => [`/${name} …`, oneLine(description, DESCRIBED)]),
      );
    }
    chat.table(KEYS);
    chat.say(
      '@ names a file of this folder or a resource and attaches it. /server:name asks a prompt of a server.',
    );
  },
};

const fresh: ChatCommand = {
  name: 'new',
  description: 'begin another conversation',
  run(_argument, chat) {
    chat.startOver();
  },
};

const quit: ChatCommand = {
  name: 'quit',
  description: 'leave; so do Ctrl-D and Ctrl-C twice',
  run(_argument, chat) {
    chat.leave();
  },
};

export const COMMANDS: readonly ChatCommand[] = [
  help,
  model,
  tools,
  servers,
  session,
  resume,
  goOn,
  cost,
  compact,
  fresh,
  quit,
];

const KEYS = [
  ['Enter', 'send; while an answer comes, send it afterwards'],
  ['Shift-Enter, Ctrl-J', 'a new line'],
  ['Up, Down', 'earlier requests'],
  ['Tab', 'complete'],
  ['Ctrl-C', 'stop the answer; twice: leave'],
  ['Ctrl-O, Ctrl-T', 'unfold or fold the last result or thinking; all of them'],
  ['Esc', 'take back what waits to be sent'],
  ['Ctrl-Z', 'suspend'],
] as const;

export interface CommandLine {
  readonly command: ChatCommand;
  readonly argument: string;
}

/** Whether a request is meant as a command and not as text that begins with a path, as in `/etc/hosts says …`. */
export function isCommandLine(request: string): boolean {
  return /^\/[^\s/]*(\s|$)/.test(request);
}

/** Undefined where it begins with no command of the chat. */
export function parseCommand(request: string): CommandLine | undefined {
  const [, name = '', argument = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(request) ?? [];
  const command = COMMANDS.find((candidate) => candidate.name === name);
  return command && { command, argument: argument.trim() };
}
