/** The checks that need no model. Each speaks of answers that it knows to be wanting, and takes all others. */
import type { CascadeAccept } from '../../../config/model-entry.ts';
import { messageOf } from '../../../errors.ts';
import type { JsonObject } from '../../../json.ts';
import { isJsonObject } from '../../../json.ts';
import { jsonIn } from '../../../json-in-text.ts';
import type { AssistantMessage, ToolCallPart } from '../model.ts';
import type { Check, CheckedAnswer, Objection, OwnCheck } from './check.ts';

/** What does not fit a schema; empty where all of it does. */
export type Problems = (schema: JsonObject, value: JsonObject) => Promise<readonly string[]>;

type PlainCheck = (answer: CheckedAnswer) => Promise<Objection | undefined>;

/** In the order in which they are asked: the first that objects decides. */
export function plainChecks(accept: CascadeAccept, problems: Problems): readonly Check[] {
  const { refusal = true, empty = true, toolArguments = true, output = true, matches, lacks, check } = accept;
  const checks: readonly (PlainCheck | false | undefined)[] = [
    refusal && refused,
    empty && isEmpty,
    toolArguments && ((answer) => wrongArguments(answer, problems)),
    output && ((answer) => wrongOutput(answer, problems)),
    (matches !== undefined || lacks !== undefined) && ((answer) => wrongWords(answer, { matches, lacks })),
    check && ((answer) => ownObjection(answer, check)),
  ];
  return checks.flatMap((one) =>
    one === false || one === undefined
      ? []
      : [
          async (answer: CheckedAnswer) => {
            const objection = await one(answer);
            return objection === undefined ? {} : { objection };
          },
        ],
  );
}

/** A longer answer that begins so goes on to say something. */
const MAX_REFUSAL_CHARACTERS = 500;

const REFUSAL =
  /^\W*(?:(?:i(?:['’]m| am) )?(?:so )?sorry,?|unfortunately,?|as an ai\b|i (?:can(?:no|['’])t|am (?:not able|unable)|won['’]t be able)|i['’]m (?:not able|unable))/i;

async function refused({ message, stopReason }: CheckedAnswer): Promise<Objection | undefined> {
  if (stopReason === 'refusal') return { check: 'refusal', reason: 'the provider says that it refused' };
  const text = wordsOf(message);
  if (callsOf(message).length > 0 || text.length > MAX_REFUSAL_CHARACTERS || !REFUSAL.test(text))
    return undefined;
  return { check: 'refusal', reason: 'it begins like a refusal' };
}

async function isEmpty({ message, stopReason }: CheckedAnswer): Promise<Objection | undefined> {
  if (stopReason === 'pause' || callsOf(message).length > 0 || wordsOf(message) !== '') return undefined;
  return { check: 'empty', reason: 'it has neither words nor calls' };
}

async function wrongArguments(
  { message, request: { tools } }: CheckedAnswer,
  problems: Problems,
): Promise<Objection | undefined> {
  for (const call of callsOf(message)) {
    const reason = await problemOfCall(call, tools, problems);
    if (reason !== undefined) return { check: 'tool-arguments', reason };
  }
  return undefined;
}

async function problemOfCall(
  { name, arguments: args }: ToolCallPart,
  tools: CheckedAnswer['request']['tools'],
  problems: Problems,
): Promise<string | undefined> {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) return `it calls ${name}, which is not offered`;
  if (args === undefined) return `the arguments of ${name} are no JSON object`;
  const found = await problems(tool.inputSchema, args);
  return found.length === 0 ? undefined : `the arguments of ${name} do not fit: ${found.join('; ')}`;
}

/** Where the answer is to be given by a tool, words are one only where they hold what the tool takes. */
async function wrongOutput(
  { message, request: { answerTool, tools }, stopReason }: CheckedAnswer,
  problems: Problems,
): Promise<Objection | undefined> {
  const tool = tools.find(({ name }) => name === answerTool);
  if (tool === undefined || callsOf(message).length > 0 || stopReason === 'pause') return undefined;
  const value = jsonIn(wordsOf(message));
  if (value === undefined)
    return { check: 'output', reason: 'it came in words, and not in the shape that is wanted' };
  const { properties } = tool.inputSchema;
  const isWrapped = isJsonObject(properties) && Object.keys(properties).join() === 'value';
  const found = await problems(tool.inputSchema, isJsonObject(value) && !isWrapped ? value : { value });
  return found.length === 0 ? undefined : { check: 'output', reason: `it does not fit: ${found.join('; ')}` };
}

async function wrongWords(
  { message }: CheckedAnswer,
  { matches, lacks }: { readonly matches: string | undefined; readonly lacks: string | undefined },
): Promise<Objection | undefined> {
  // A call on the way is no answer yet.
  if (callsOf(message).length > 0) return undefined;
  const { RE2JS } = await import('re2js');
  const text = wordsOf(message);
  if (matches !== undefined && !RE2JS.compile(matches).matcher(text).find())
    return { check: 'pattern', reason: `it has nothing that fits ${matches}` };
  if (lacks !== undefined && RE2JS.compile(lacks).matcher(text).find())
    return { check: 'pattern', reason: `it has something that fits ${lacks}` };
  return undefined;
}

async function ownObjection(answer: CheckedAnswer, check: OwnCheck): Promise<Objection | undefined> {
  try {
    const reason = await check(answer);
    return reason === undefined ? undefined : { check: 'code', reason };
  } catch (error) {
    return { check: 'code', reason: `the check failed: ${messageOf(error)}` };
  }
}

export function callsOf(message: AssistantMessage): readonly ToolCallPart[] {
  return message.content.filter((part) => part.type === 'tool-call');
}

export function wordsOf(message: AssistantMessage): string {
  return message.content
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('')
    .trim();
}
