import { messageOf } from '../../../../errors.ts';
import type { OpenedHost } from '../../open-host.ts';
import type { CommandContext } from '../command/command.ts';
import { COMMANDS } from '../command/command-list.ts';
import { callable } from '../workflow-command.ts';
import { Completion } from './completion.ts';
import { FileNames } from './file-names.ts';

/** What is completed in a chat in this folder. */
export function chatCompletion({ host, log }: OpenedHost, context: () => CommandContext): Completion {
  return new Completion({
    registry: host.registry,
    files: new FileNames(process.cwd()),
    commands: COMMANDS,
    workflows: () => callable(host.workflows),
    valuesOf: async (command) => (await command.complete?.(context())) ?? [],
    onFailure: (thrown) =>
      log.sink({
        level: 'warn',
        component: 'chat',
        event: 'completion-failed',
        fields: { message: messageOf(thrown) },
      }),
  });
}
