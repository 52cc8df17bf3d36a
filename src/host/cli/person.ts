/** Asks the person at the terminal: on stderr, because stdout is for answers. */
import { createInterface } from 'node:readline/promises';

import type { JsonObject } from '../../json.ts';
import { isJsonObject, jsonText } from '../../json.ts';
import type { InputRequest } from '../../registry/contract.ts';
import type { ApprovalAnswer, ApprovalQuestion } from '../tool-call/policy.ts';
import type { Questions } from './questions.ts';
import { oneLine, printable, styled } from './terminal.ts';

const MAX_SHOWN_ARGUMENTS = 2_000;

/** By lines at a prompt; one question at a time, also when several calls ask together. */
export class Person implements Questions {
  #queue: Promise<unknown> = Promise.resolve();

  async ask(question: ApprovalQuestion): Promise<ApprovalAnswer> {
    const { name, title, destructive, arguments: args, diff, reason, signal } = question;
    const shown = diff ?? JSON.stringify(args, null, 2);
    const text =
      shown.length > MAX_SHOWN_ARGUMENTS
        ? `${shown.slice(0, MAX_SHOWN_ARGUMENTS)}\n… (${shown.length} characters)`
        : shown;
    const warning = destructive ? styled('yellow', ' It may change or delete what is there.') : '';
    const heading = title === name ? name : `${name} (${oneLine(title, 80)})`;
    const why = reason === undefined ? '' : `${printable(reason)}\n`;
    const allowed = await this.confirm(
      `\nAllow ${printable(heading)}?${warning}\n${why}${printable(text)}\n`,
      signal,
    );
    return { type: allowed ? 'yes' : 'no' };
  }

  async confirm(question: string, signal?: AbortSignal): Promise<boolean> {
    const answer = await this.#line(`${question} [y/N] `, signal);
    return /^y(es)?$/i.test(answer.trim());
  }

  #line(question: string, signal?: AbortSignal): Promise<string> {
    const asked = this.#queue.then(() => askOnce(question, signal));
    // The next question waits for this one to end, however it ends.
    this.#queue = asked.catch(() => undefined);
    return asked;
  }

  /** A server's question as lines of a form (spec: client/elicitation). A URL is shown, never opened. */
  async elicit(request: InputRequest): Promise<JsonObject> {
    const { params, server, signal } = request;
    const message = printable(jsonText(params['message'] ?? ''));
    if (params['mode'] === 'url') {
      const done = await this.confirm(
        `\nThe server ${server} asks you to open this address yourself: ${printable(jsonText(params['url']))}\n${message}\nWill you?`,
        signal,
      );
      return { action: done ? 'accept' : 'decline' };
    }
    if (!(await this.confirm(`\nThe server ${server} asks: ${message}\nAnswer it?`, signal)))
      return { action: 'decline' };
    const schema = isJsonObject(params['requestedSchema']) ? params['requestedSchema'] : {};
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
    const content: Record<string, string | number | boolean | readonly string[]> = {};
    for (const [name, definition] of Object.entries(properties)) {
      const field = isJsonObject(definition) ? definition : {};
      const value = await this.#field(name, field, required.has(name), signal);
      if (value !== undefined) content[name] = value;
    }
    return { action: 'accept', content };
  }

  async #field(name: string, field: JsonObject, required: boolean, signal: AbortSignal) {
    const label = jsonText(field['title'] ?? name);
    const hint = [
      jsonText(field['description']),
      choicesOf(field)?.join(' | '),
      required ? 'required' : 'empty to leave out',
    ]
      .filter((part) => part !== undefined && part !== '')
      .join('; ');
    for (;;) {
      const answer = (await this.#line(`  ${printable(label)} (${printable(hint)}): `, signal)).trim();
      if (answer === '' && field['default'] !== undefined)
        return fieldValue(field, jsonText(field['default']));
      if (answer === '' && !required) return undefined;
      const value = fieldValue(field, answer);
      if (value !== undefined) return value;
      process.stderr.write(`  That does not fit: ${printable(hint)}.\n`);
    }
  }
}

async function askOnce(question: string, signal: AbortSignal | undefined): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // The end of input answers with nothing, which is no.
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    return await Promise.race([terminal.question(question, signal ? { signal } : {}), ended]);
  } finally {
    terminal.close();
  }
}

function choicesOf(field: JsonObject): readonly string[] | undefined {
  const source = isJsonObject(field['items']) ? field['items'] : field;
  const options = source['oneOf'] ?? source['anyOf'];
  if (Array.isArray(options)) return options.filter(isJsonObject).map((option) => jsonText(option['const']));
  return Array.isArray(source['enum']) ? source['enum'].map(String) : undefined;
}

/** Undefined: the answer does not fit the field. */
function fieldValue(
  field: JsonObject,
  answer: string,
): string | number | boolean | readonly string[] | undefined {
  const choices = choicesOf(field);
  switch (field['type']) {
    case 'boolean':
      return /^(y|yes|true)$/i.test(answer) ? true : /^(n|no|false)$/i.test(answer) ? false : undefined;
    case 'number':
    case 'integer': {
      const value = Number(answer);
      if (answer === '' || !Number.isFinite(value)) return undefined;
      return field['type'] === 'integer' && !Number.isInteger(value) ? undefined : value;
    }
    case 'array': {
      const values = answer.split(',').map((value) => value.trim());
      return choices && !values.every((value) => choices.includes(value)) ? undefined : values;
    }
    default:
      return choices && !choices.includes(answer) ? undefined : answer;
  }
}
