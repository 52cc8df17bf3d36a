import { contextFill, tokens, usd } from '../status-line.ts';
import type { ChatCommand } from './command.ts';

export const cost: ChatCommand = {
  name: 'cost',
  description: 'what this chat has spent',
  run(_argument, chat) {
    const spent = chat.spent();
    chat.table([
      ['model calls', String(spent.modelCalls)],
      ['tokens in', tokens(spent.inputTokens)],
      ['of these cached', tokens(spent.cachedTokens)],
      ['tokens out', tokens(spent.outputTokens)],
      [
        'cost',
        spent.costUsd === undefined ? 'unknown: the price of a model is not known' : usd(spent.costUsd),
      ],
      ['context', contextFill(spent.contextTokens, chat.contextWindowTokens())],
    ]);
  },
};
