/** `/server:name key=value …`: a prompt of a server as a command. */
import { HostError } from '../../../../errors.ts';
import type { Json, JsonObject } from '../../../../json.ts';
import { isJsonObject, jsonText } from '../../../../json.ts';
import type { PromptEntry } from '../../../../registry/contract.ts';

export interface PromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/** As it is written behind the slash. */
export function promptName({ server, definition }: PromptEntry): string {
  return `${server}:${jsonText(definition['name'])}`;
}

export function promptArguments({ definition }: PromptEntry): readonly PromptArgument[] {
  const list = Array.isArray(definition['arguments']) ? definition['arguments'].filter(isJsonObject) : [];
  return list.map((argument) => ({
    name: jsonText(argument['name']),
    description: jsonText(argument['description'] ?? ''),
    required: argument['required'] === true,
  }));
}

/**
 * `city=Oslo note="two words"`; words without a name fill the arguments in their order. Throws HostError
 * `prompt-arguments` for an unknown name or a missing argument.
 */
export function parsePromptArguments(text: string, prompt: PromptEntry): Readonly<Record<string, string>> {
  const expected = promptArguments(prompt);
  const given: Record<string, string> = {};
  for (const { name, value } of writtenArguments(text)) {
    const target = name ?? expected.find((argument) => !Object.hasOwn(given, argument.name))?.name;
    if (target === undefined || !expected.some((argument) => argument.name === target))
      throw wrong(
        prompt,
        target === undefined ? `"${value}" is one argument too many` : `it has no argument "${target}"`,
      );
    given[target] = value;
  }
  const missing = expected.filter(({ name, required }) => required && !Object.hasOwn(given, name));
  if (missing.length > 0) throw wrong(prompt, `${missing.map(({ name }) => name).join(', ')} is missing`);
  return given;
}

export interface WrittenArgument {
  readonly name: string | undefined;
  readonly value: string;
}

export function writtenArguments(text: string): readonly WrittenArgument[] {
  return [...text.matchAll(/(?:([\w.-]+)=)?(?:"((?:[^"\\]|\\.)*)"?|(\S+))/g)].map(
    ([, name, quoted, plain]) => ({
      name,
      value: quoted === undefined ? (plain ?? '') : quoted.replaceAll(/\\(.)/g, '$1'),
    }),
  );
}

/** A value as it is written behind its name. */
export function writtenValue(value: string): string {
  return /^[^\s"]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** The messages of a prompt as one request: a person's words as they are, anyone else's with who says them. */
export function requestOfPrompt(result: JsonObject): string {
  const messages = Array.isArray(result['messages']) ? result['messages'].filter(isJsonObject) : [];
  return messages
    .map((message) => {
      const text = textOf(message['content']);
      return message['role'] === 'user' ? text : `${jsonText(message['role'])}: ${text}`;
    })
    .filter((text) => text !== '')
    .join('\n\n');
}

function textOf(content: Json | undefined): string {
  if (Array.isArray(content)) return content.map((block: Json) => textOf(block)).join('\n');
  if (!isJsonObject(content)) return '';
  if (typeof content['text'] === 'string') return content['text'];
  if (isJsonObject(content['resource'])) return textOf(content['resource']);
  return `[${jsonText(content['mimeType'] ?? content['type'])} of the prompt, which cannot be sent]`;
}

function wrong(prompt: PromptEntry, problem: string): HostError {
  const usage = promptArguments(prompt).map(({ name, required }) => (required ? `${name}=…` : `[${name}=…]`));
  return new HostError(
    'prompt-arguments',
    `/${promptName(prompt)} cannot be asked: ${problem}. Write /${[promptName(prompt), ...usage].join(' ')}.`,
  );
}
