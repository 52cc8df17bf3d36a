/** Which form a conversation takes: panels at a terminal that can move its cursor, else lines. */
import { text as readAll } from 'node:stream/consumers';

import { environment } from '../../../config/environment.ts';
import type { ChatFlags } from '../commands.ts';
import { isInteractive } from '../terminal.ts';
import { terminalCapability } from './capability.ts';
import { answerLines, requestLines, showSample, talkByLines } from './line-chat.ts';

/** What the bare command does: a chat at a terminal, the lines of a pipe, or without either a look at what it can do. */
export async function chatOrShow(flags: ChatFlags): Promise<void> {
  if (isInteractive()) return chat(flags);
  const text = process.stdin.isTTY ? '' : await readAll(process.stdin);
  return requestLines(text).length > 0 ? answerLines(flags, text) : showSample(flags);
}

export async function chat(flags: ChatFlags): Promise<void> {
  const capability = terminalCapability(environment(), process);
  if (capability.cursor) {
    const { terminalChat } = await import('./terminal-chat.ts');
    return terminalChat(flags, capability);
  }
  return isInteractive() ? talkByLines(flags) : answerLines(flags, await readAll(process.stdin));
}
