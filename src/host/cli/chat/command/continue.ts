import { NOT_CUT_OFF } from '../go-on.ts';
import type { ChatCommand } from './command.ts';

export const goOn: ChatCommand = {
  name: 'continue',
  description: 'go on with the last request, where it was cut off',
  async run(_argument, chat) {
    const { host, signal } = chat.opened;
    const { sessionId } = chat.conversation;
    const cutOff = sessionId === undefined ? undefined : await host.archive.cutOff(sessionId);
    if (cutOff === undefined) {
      chat.say(NOT_CUT_OFF);
      return;
    }
    const outcome = await chat.follow(() => host.resume(cutOff.id, { signal }), cutOff.nextEvent);
    if (outcome.type === 'failed') chat.say(outcome.error.message, 'red');
    else if (outcome.type !== 'done') chat.say(outcome.message, 'yellow');
  },
};
