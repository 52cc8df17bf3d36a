import { tokens } from '../status-line.ts';
import type { ChatCommand } from './command.ts';

export const compact: ChatCommand = {
  name: 'compact',
  description: 'shorten what the model is given of this conversation; what was said stays kept',
  async run(_argument, chat) {
    const { sessionId, model } = chat.conversation;
    if (sessionId === undefined) {
      chat.say('There is nothing to shorten yet.');
      return;
    }
    const outcome = await chat.follow(() => chat.opened.host.compact(sessionId, { model }));
    if (outcome.type === 'failed') chat.say(outcome.error.message, 'red');
    else if (outcome.type !== 'done') chat.say(outcome.message, 'yellow');
    else if (outcome.output.tokensAfter < outcome.output.tokensBefore) {
      const { tokensBefore, tokensAfter } = outcome.output;
      chat.say(`About ${tokens(tokensBefore)} tokens became ${tokens(tokensAfter)}.`, 'dim');
    } else chat.say('There is nothing to shorten: the conversation is short already.', 'dim');
  },
};
