/** A call that is to be allowed or not, as lines for a person, and the keys that answer. */
import { isJsonObject, type JsonObject } from '../../json.ts';
import type { ApprovalAnswer, ApprovalQuestion } from '../tool-call/policy.ts';
import { alwaysKeys, alwaysMeaning } from './always-keys.ts';
import { oneLine, printable, revealed, styled } from './terminal.ts';

const MAX_SHOWN_CHARACTERS = 2_000;
const MAX_VALUE_CHARACTERS = 100;
/** Longer arguments cannot be changed on one line. */
const MAX_EDITED_CHARACTERS = 4_000;

/** Asks one line; undefined where the input has ended. `prefilled` is text that the person may change. */
export type AskLine = (prompt: string, prefilled?: string) => Promise<string | undefined>;

/** Asks until a key is an answer. The end of the input is no. */
export async function promptApproval(question: ApprovalQuestion, ask: AskLine): Promise<ApprovalAnswer> {
  const keys = keysOf(question);
  let shown = questionText(question);
  for (;;) {
    const key = await ask(`${shown}${keys} `);
    shown = '';
    const answer = key?.trim().toLowerCase();
    const always = alwaysKeys(question).find((one) => one.key === answer);
    if (always !== undefined) return { type: 'always', scope: always.scope };
    switch (answer) {
      case 'y':
      case 'yes':
        if (question.problem === undefined) return { type: 'yes' };
        break;
      case 'e':
      case 'edit': {
        const text = revealed(JSON.stringify(question.arguments));
        if (text.length > MAX_EDITED_CHARACTERS) {
          shown = `These arguments have ${text.length} characters; up to ${MAX_EDITED_CHARACTERS} can be changed here.\n`;
          break;
        }
        const edited = await askArguments(text, ask);
        if (edited !== undefined) return { type: 'edit', arguments: edited };
        break;
      }
      case undefined:
      case '':
      case 'n':
      case 'no':
        return { type: 'no' };
      default:
        break;
    }
  }
}

function keysOf(question: ApprovalQuestion): string {
  const keys = [
    ...(question.problem === undefined ? ['y yes'] : []),
    'N no',
    ...alwaysKeys(question).map(({ key, label }) => `${key} ${label}`),
    'e edit',
  ];
  return `[${keys.join(', ')}]`;
}

function questionText(question: ApprovalQuestion): string {
  const { name, title, destructive, reason, problem, diff, arguments: args } = question;
  const always = alwaysMeaning(question);
  const heading = title === name ? name : `${name} (${oneLine(title, 80)})`;
  const warning = destructive ? styled('yellow', ' It may change or delete what is there.') : '';
  const lines = [
    '',
    `Allow ${printable(heading)}?${warning}`,
    ...(reason === undefined ? [] : [printable(reason)]),
    ...(problem === undefined
      ? []
      : [styled('red', `These arguments cannot be used: ${printable(problem)}`)]),
    ...(diff === undefined
      ? [cut(revealed(JSON.stringify(args, null, 2)))]
      : [...Object.entries(args).map(argumentLine), ...revealed(diff).split('\n').map(diffLine)]),
    ...(always === undefined ? [] : [styled('dim', always)]),
    '',
  ];
  return lines.join('\n');
}

/** Beside a diff the arguments are told briefly, because a diff of another's making may not show them all. */
function argumentLine([name, value]: [string, JsonObject[string]]): string {
  return `  ${printable(name)}: ${oneLine(revealed(JSON.stringify(value)), MAX_VALUE_CHARACTERS)}`;
}

function diffLine(line: string): string {
  if (line.startsWith('+')) return styled('green', line);
  if (line.startsWith('-')) return styled('red', line);
  return line.startsWith('@@') ? styled('cyan', line) : line;
}

function cut(text: string): string {
  if (text.length <= MAX_SHOWN_CHARACTERS) return text;
  return `${text.slice(0, MAX_SHOWN_CHARACTERS)}\n… (${text.length} characters)`;
}

/** Undefined where the person leaves the line empty. */
async function askArguments(written: string, ask: AskLine): Promise<JsonObject | undefined> {
  let text = written;
  let prompt = 'Change the arguments (JSON, on one line; empty to go back):\n';
  for (;;) {
    const line = await ask(prompt, text);
    if (line === undefined || line.trim() === '') return undefined;
    text = line;
    const edited = parsed(text);
    if (edited !== undefined) return edited;
    prompt = 'That is no JSON object. Change it (empty to go back):\n';
  }
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
