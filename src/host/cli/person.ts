/** Asks the person at the terminal: on stderr, because stdout is for answers. */
import { createInterface } from 'node:readline/promises';

import type { JsonObject } from '../../json.ts';
import { isJsonObject, jsonText } from '../../json.ts';
import type { PersonRequest } from '../person/attend.ts';
import type { ApprovalAnswer, ApprovalQuestion } from '../tool-call/policy.ts';
import { promptApproval } from './approval-prompt.ts';
import type { Questions } from './questions.ts';
import { printable } from './terminal.ts';

export interface PersonStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** By lines at a prompt; one question at a time, also when several calls ask together. */
export class Person implements Questions {
  readonly #streams: PersonStreams;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(streams: PersonStreams = { input: process.stdin, output: process.stderr }) {
    this.#streams = streams;
  }

  ask(question: ApprovalQuestion): Promise<ApprovalAnswer> {
    return this.#alone(() =>
      promptApproval(question, (prompt, prefilled) => this.#line(prompt, question.signal, prefilled)),
    );
  }

  confirm(question: string, signal?: AbortSignal): Promise<boolean> {
    return this.#alone(() => this.#yes(question, signal));
  }

  /** A question as lines of a form (spec: client/elicitation). A URL is shown, never opened. */
  elicit(request: PersonRequest): Promise<JsonObject> {
    return this.#alone(() => this.#form(request));
  }

  /** The next question waits for this one to end, however it ends. */
  #alone<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const asked = this.#queue.then(work);
    this.#queue = asked.catch(() => undefined);
    return asked;
  }

  async #yes(question: string, signal?: AbortSignal): Promise<boolean> {
    const answer = await this.#line(`${question} [y/N] `, signal);
    return answer !== undefined && /^y(es)?$/i.test(answer.trim());
  }

  async #form(request: PersonRequest): Promise<JsonObject> {
    const { params, server, workflow, signal } = request;
    const message = printable(jsonText(params['message'] ?? ''));
    if (params['mode'] === 'url') {
      const done = await this.#yes(
        `\nThe server ${server} asks you to open this address yourself: ${printable(jsonText(params['url']))}\n${message}\nWill you?`,
        signal,
      );
      return { action: done ? 'accept' : 'decline' };
    }
    if (workflow !== undefined) this.#streams.output.write(`\nThe workflow ${workflow} asks: ${message}\n`);
    else if (!(await this.#yes(`\nThe server ${server} asks: ${message}\nAnswer it?`, signal)))
      return { action: 'decline' };
    const schema = isJsonObject(params['requestedSchema']) ? params['requestedSchema'] : {};
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
    const content: Record<string, string | number | boolean | readonly string[]> = {};
    for (const [name, definition] of Object.entries(properties)) {
      const field = isJsonObject(definition) ? definition : {};
      const value = await this.#field(name, field, required.has(name), signal);
      if (value === END_OF_INPUT) return { action: 'cancel' };
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
      const line = await this.#line(`  ${printable(label)} (${printable(hint)}): `, signal);
      if (line === undefined) return END_OF_INPUT;
      const answer = line.trim();
      if (answer === '' && field['default'] !== undefined)
        return fieldValue(field, jsonText(field['default']));
      if (answer === '' && !required) return undefined;
      const value = fieldValue(field, answer);
      if (value !== undefined) return value;
      this.#streams.output.write(`  That does not fit: ${printable(hint)}.\n`);
    }
  }

  /** Undefined at the end of the input, also one that came before. */
  async #line(
    question: string,
    signal: AbortSignal | undefined,
    prefilled?: string,
  ): Promise<string | undefined> {
    const { input, output } = this.#streams;
    // While it waited for its turn, its run may have ended.
    signal?.throwIfAborted();
    if (!input.readable) return undefined;
    const lastLine = question.lastIndexOf('\n') + 1;
    output.write(question.slice(0, lastLine));
    const terminal = createInterface({ input, output });
    try {
      const ended = new Promise<undefined>((resolve) => terminal.once('close', () => resolve(undefined)));
      // At a prompt the terminal tells Ctrl-C as a key: it means here what it means elsewhere.
      terminal.once('SIGINT', () => {
        process.emit('SIGINT', 'SIGINT');
        terminal.close();
      });
      const answer = terminal.question(question.slice(lastLine), signal ? { signal } : {});
      // Where keys come one by one the text stands in the line, to be changed.
      if (prefilled !== undefined && terminal.terminal) terminal.write(prefilled);
      return await Promise.race([answer, ended]);
    } catch (error) {
      // It was answered elsewhere, or its run has ended: what follows begins on a line of its own.
      if (signal?.aborted) output.write('\n');
      throw error;
    } finally {
      terminal.close();
    }
  }
}

const END_OF_INPUT = Symbol('end of input');

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
