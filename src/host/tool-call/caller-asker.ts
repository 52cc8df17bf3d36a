/** Puts a call that a person has to allow to the caller's own person, in the form that the protocol has for questions. */
import { isJsonObject, type JsonObject } from '../../json.ts';
import type { CallerInput } from './caller-input.ts';
import { HOST_SERVER } from './host-tool.ts';
import type { ApprovalQuestion, Asker } from './policy.ts';

const KEY = 'approval';
const MAX_SHOWN_CHARACTERS = 4_000;

/** Undefined where the caller cannot be asked. */
export function callerAsker(caller: CallerInput | undefined): Asker | undefined {
  if (caller === undefined || !canBeAsked(caller)) return undefined;
  return {
    ask: async (question) => ({ type: (await askCaller(caller, question)) === 'allow' ? 'yes' : 'no' }),
  };
}

export function canBeAsked(caller: CallerInput): boolean {
  return caller.can({ [KEY]: elicitation('') });
}

export type AskedAboutCall = Pick<
  ApprovalQuestion,
  'name' | 'server' | 'title' | 'destructive' | 'reason' | 'diff' | 'arguments' | 'signal'
>;

/**
 * `open`: the person made no choice, where anything but `allow`, a form that is sent off empty included, is a no (spec:
 * client/elicitation). Rejects where the caller refuses, or the signal aborts.
 */
export async function askCaller(
  caller: CallerInput,
  question: AskedAboutCall,
): Promise<'allow' | 'deny' | 'open'> {
  const requests = { [KEY]: elicitation(messageOf(question)) };
  const answers = await caller.answer({ server: HOST_SERVER, requests, signal: question.signal });
  const answer = answers?.[KEY];
  const { action, content } = isJsonObject(answer) ? answer : {};
  const { decision } = isJsonObject(content) ? content : {};
  if (action === undefined || action === 'cancel') return 'open';
  return action === 'accept' && decision === 'allow' ? 'allow' : 'deny';
}

function elicitation(message: string): JsonObject {
  const decision = {
    type: 'string',
    title: 'Decision',
    description: 'allow: it runs once, as it is shown. deny: it does not run.',
    enum: ['allow', 'deny'],
  };
  return {
    method: 'elicitation/create',
    params: {
      mode: 'form',
      message,
      requestedSchema: { type: 'object', properties: { decision }, required: ['decision'] },
    },
  };
}

function messageOf({
  name,
  server,
  title,
  destructive,
  reason,
  diff,
  arguments: args,
}: AskedAboutCall): string {
  const what = title === name ? name : `${name} (${title})`;
  const harm = destructive ? ' It may change or delete what is there.' : '';
  return [
    `Switchyard asks: may ${what} of the server ${server} run?${harm}`,
    ...(reason === undefined ? [] : [`Why it is asked: ${reason}.`]),
    `Arguments: ${cut(JSON.stringify(args, null, 2))}`,
    ...(diff === undefined ? [] : [cut(diff)]),
  ].join('\n\n');
}

/** A person who is not shown all is told so. */
function cut(text: string): string {
  if (text.length <= MAX_SHOWN_CHARACTERS) return text;
  return `${text.slice(0, MAX_SHOWN_CHARACTERS).toWellFormed()}… [${text.length} characters in all; not all are shown]`;
}
