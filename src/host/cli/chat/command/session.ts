import { oneLine } from '../../terminal.ts';
import type { SessionSummary } from '../../../session/contract.ts';
import type { Choice } from '../panel/choice-panel.ts';
import type { ChatCommand, CommandContext } from './command.ts';

const MAX_CHOICES = 20;

export const session: ChatCommand = {
  name: 'session',
  argument: '[name]',
  description: 'this conversation and how to come back to it, or a name for it',
  async run(name, chat) {
    const { sessions } = chat.opened.host;
    const id = chat.conversation.sessionId;
    if (id === undefined) {
      chat.say('Nothing of this conversation is kept yet: it begins with the first request.');
      return;
    }
    if (name !== '') await sessions.rename(id, name);
    const summary = await sessions.get(id);
    chat.table([
      ['session', id],
      ['name', summary.name ?? 'none; /session <name> gives one'],
      ['begun', time(summary.createdAtMs)],
      ['requests', String(summary.runCount)],
      ['folder', summary.project],
      [
        'go on',
        `switchyard chat --session ${summary.name === undefined ? id : JSON.stringify(summary.name)}`,
      ],
    ]);
  },
};

export const resume: ChatCommand = {
  name: 'resume',
  argument: '[session]',
  description: 'go on with an earlier conversation of this folder',
  complete: async (chat) => (await latest(chat)).map(({ id, name }) => name ?? id),
  async run(wanted, chat) {
    const chosen = wanted === '' ? await chooseSession(chat) : wanted;
    if (chosen !== undefined) await chat.resume(await chat.opened.host.sessions.get(chosen));
  },
};

/** Undefined where there is none, or none was chosen. */
export async function chooseSession(chat: CommandContext): Promise<string | undefined> {
  const sessions = await latest(chat);
  if (sessions.length === 0) {
    chat.say('No conversation of this folder is kept.');
    return undefined;
  }
  return chat.choose('Which conversation?', sessions.map(choiceOf));
}

async function latest(chat: CommandContext): Promise<readonly SessionSummary[]> {
  const all = await chat.opened.host.sessions.list({ project: chat.workingFolder });
  return all.filter(({ runCount }) => runCount > 0).slice(0, MAX_CHOICES);
}

function choiceOf({ id, name, title, updatedAtMs, runCount }: SessionSummary): Choice {
  const requests = `${runCount} ${runCount === 1 ? 'request' : 'requests'}`;
  return {
    value: id,
    label: name ?? id,
    description: `${time(updatedAtMs)}  ${requests}  ${oneLine(title, 60)}`,
  };
}

/** In the person's own time zone. */
function time(atMs: number): string {
  const date = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
