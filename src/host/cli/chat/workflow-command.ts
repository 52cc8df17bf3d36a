/** Workflows as commands of the chat: `/research How old can an oak get?` */
import { closest } from 'fastest-levenshtein';

import { HostError } from '../../../errors.ts';
import type { GivenWorkflow } from '../../given-workflows.ts';
import type { Host } from '../../host.ts';
import { globFaults } from '../glob-faults.ts';
import { COMMANDS } from './command/command-list.ts';

export interface WorkflowLine {
  readonly workflow: string;
  /** What it is given, as it is written. */
  readonly text: string;
}

/** Undefined where the line begins with no workflow. Throws HostError `usage` where it is given nothing. */
export function workflowLineOf(line: string, workflows: readonly GivenWorkflow[]): WorkflowLine | undefined {
  if (!namesWorkflow(line, workflows)) return undefined;
  const [, name = '', text = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(line) ?? [];
  if (text.trim() === '')
    throw new HostError('usage', `Write what the workflow is given behind it: /${name} …`);
  return { workflow: name, text: text.trim() };
}

/** Whether the line begins with a workflow, and with no command of the chat. */
export function namesWorkflow(line: string, workflows: readonly GivenWorkflow[]): boolean {
  const [, name] = /^\/(\S+)/.exec(line) ?? [];
  return callable(workflows).some((workflow) => workflow.name === name);
}

/** Those that a line can begin with. */
export function callable(workflows: readonly GivenWorkflow[]): readonly GivenWorkflow[] {
  return workflows.filter(({ name }) => !isCommand(name));
}

/** What is to be told of the config's workflows as it is put to use; undefined where there is nothing. */
export function workflowRemarks(host: Pick<Host, 'config' | 'registry' | 'workflows'>): string | undefined {
  const clash = clashText(host.workflows);
  const globs = globFaults(host).map(
    ({ file, line, message }) => `${file}${line === undefined ? '' : `:${line}`}: ${message}`,
  );
  const remarks = [...(clash === undefined ? [] : [clash]), ...globs];
  return remarks.length === 0 ? undefined : remarks.join('\n');
}

/** Of those that cannot be begun by their names. */
function clashText(workflows: readonly GivenWorkflow[]): string | undefined {
  const clashing = workflows.filter(({ name }) => isCommand(name));
  if (clashing.length === 0) return undefined;
  return clashing
    .map(
      ({ name }) =>
        `/${name} is a command of the chat: the workflow "${name}" is begun by --workflow ${name}, or under another name.`,
    )
    .join('\n');
}

/** HostError `unknown-command`, with the nearest name. */
export function unknownCommand(line: string, workflows: readonly GivenWorkflow[]): HostError {
  const [, name = ''] = /^\/(\S*)/.exec(line) ?? [];
  const nearest = closest(
    name,
    [...COMMANDS, ...workflows].map((candidate) => candidate.name),
  );
  return new HostError(
    'unknown-command',
    `There is no command${workflows.length === 0 ? '' : ' and no workflow'} /${name}. The nearest is /${nearest}; /help lists them.`,
  );
}

function isCommand(name: string): boolean {
  return COMMANDS.some((command) => command.name === name);
}
