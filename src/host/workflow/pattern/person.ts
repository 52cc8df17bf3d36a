/** Parts that wait for a person: asked where one is at hand, and answered from any terminal, also days later. */
import { HostError } from '../../../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../json.ts';
import type { RunContext } from '../../context.ts';
import { loadValidator } from '../../tool-call/load-validator.ts';
import { asText } from './output-schema.ts';
import { type Part, part } from './part.ts';

/** Fixed words, or made of the input, always the same of the same. */
export type Question<Input extends Json> = string | ((input: Input) => string);

export interface QuestionOptions {
  readonly name?: string;
  /** Without it, it waits for good. */
  readonly timeoutMs?: number;
}

export interface ShapedQuestionOptions extends QuestionOptions {
  /** JSON Schema of the answer: an object of strings, numbers, booleans and choices, as forms of the protocol are. */
  readonly schema: JsonObject;
}

/**
 * Gives what a person answers: words, or what fits the schema. Rejects with HostError `declined` where the person does not want
 * to, and `wait-timeout`.
 */
export function askPerson<Input extends Json>(
  question: Question<Input>,
  options: ShapedQuestionOptions,
): Part<Input, JsonObject>;
export function askPerson<Input extends Json>(
  question: Question<Input>,
  options?: QuestionOptions & { readonly schema?: undefined },
): Part<Input, string>;
export function askPerson<Input extends Json>(
  question: Question<Input>,
  { name = 'ask', schema, timeoutMs }: QuestionOptions & { readonly schema?: JsonObject | undefined } = {},
): Part<Input, string | JsonObject> {
  return part<Input, string | JsonObject>('person', { label: name }, async (context, input) => {
    const message = typeof question === 'string' ? question : question(input);
    const content = await answerTo(context, { message, schema: schema ?? WORDS, timeoutMs });
    if (content === undefined) throw new HostError('declined', `The person does not answer: ${message}`);
    return schema === undefined ? asText(content['answer'] ?? '') : content;
  });
}

/** Lets its input pass where a person, who is shown it, says yes. Rejects with HostError `gate-closed` and `wait-timeout`. */
export function approve<Value extends Json>(
  question: Question<Value>,
  { name = 'approve', timeoutMs }: QuestionOptions = {},
): Part<Value, Value> {
  return part('person', { label: name }, async (context, value) => {
    const asked = typeof question === 'string' ? question : question(value);
    const message = `${asked}\n\n${shown(asText(value))}`;
    const content = await answerTo(context, { message, schema: YES_OR_NO, timeoutMs });
    if (content?.['approved'] === true) return value;
    const why = typeof content?.['comment'] === 'string' ? `: ${content['comment']}` : '.';
    throw new HostError('gate-closed', `A person said no to "${asked}"${why}`);
  });
}

const WORDS: JsonObject = {
  type: 'object',
  properties: { answer: { type: 'string', title: 'Answer', minLength: 1 } },
  required: ['answer'],
};

const YES_OR_NO: JsonObject = {
  type: 'object',
  properties: {
    approved: { type: 'boolean', title: 'Yes or no' },
    comment: { type: 'string', title: 'Why' },
  },
  required: ['approved'],
};

interface Asked {
  readonly message: string;
  readonly schema: JsonObject;
  readonly timeoutMs: number | undefined;
}

/** Undefined: the person declines. What does not fit is no answer: it is asked again. */
async function answerTo(
  context: RunContext,
  { message, schema, timeoutMs }: Asked,
): Promise<JsonObject | undefined> {
  const signal = `answer:${context.path}`;
  const { validateArguments } = await loadValidator();
  for (;;) {
    context.emit({ type: 'question', signal, message, schema });
    const given = await context.waitFor<Json>(signal, timeoutMs === undefined ? {} : { timeoutMs });
    const { action, content = {} } = isJsonObject(given) ? given : {};
    if (action === 'decline') {
      context.emit({ type: 'question-answered', signal, action });
      return undefined;
    }
    if (action === 'accept' && isJsonObject(content)) {
      const checked = validateArguments(schema, content);
      if (checked.type !== 'invalid') {
        context.emit({ type: 'question-answered', signal, action, content });
        return content;
      }
    }
    const told = 'An answer came that does not fit what was asked for. It is asked again.';
    context.emit({ type: 'notice', level: 'warn', code: 'answer-unfit', message: told });
  }
}

/** Of a long text whoever decides sees the head, and how much there is. */
function shown(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return text;
  const head = text.slice(0, SHOWN_CHARACTERS).toWellFormed();
  return `${head}\n… (${text.length - SHOWN_CHARACTERS} more characters; "switchyard runs show" has all of it)`;
}

const SHOWN_CHARACTERS = 2_000;
