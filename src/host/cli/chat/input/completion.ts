/** What can be completed where the cursor is: commands, prompts of servers and their arguments, files, resources. */
import type { AutocompleteItem, AutocompleteProvider, AutocompleteSuggestions } from '@earendil-works/pi-tui';

import { jsonText } from '../../../../json.ts';
import type { PromptEntry, Registry } from '../../../../registry/contract.ts';
import type { GivenWorkflow } from '../../../given-workflows.ts';
import { oneLine, printable } from '../../terminal.ts';
import type { ChatCommand } from '../command/command.ts';
import type { FileNames } from './file-names.ts';
import { mentionOf, openMention } from './mention.ts';
import { promptArguments, promptName, writtenArguments, writtenValue } from './prompt-command.ts';
import { openVariable } from './uri-template.ts';

const MAX_ITEMS = 50;

export interface CompletionSources {
  readonly registry: Pick<Registry, 'catalog' | 'complete'>;
  readonly files: FileNames;
  readonly commands: readonly ChatCommand[];
  /** Those that a line can begin with. */
  readonly workflows: () => readonly GivenWorkflow[];
  /** Values for the argument of a command. */
  readonly valuesOf: (command: ChatCommand) => Promise<readonly string[]>;
  readonly onFailure: (thrown: unknown) => void;
}

export class Completion implements AutocompleteProvider {
  readonly triggerCharacters = ['@'];
  readonly #sources: CompletionSources;

  constructor(sources: CompletionSources) {
    this.#sources = sources;
  }

  /** Never rejects: a server that cannot complete offers nothing. */
  async getSuggestions(
    lines: string[],
    cursorLine: number,
    cursorColumn: number,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<AutocompleteSuggestions | null> {
    try {
      const found = await this.#suggestions(lines, cursorLine, cursorColumn, signal);
      const items = found?.items.filter(isShowable).slice(0, MAX_ITEMS) ?? [];
      // What is written whole needs no list, in which Enter would choose instead of sending.
      if (!found?.prefix.startsWith('/') && items.some(({ value }) => value === found?.prefix)) return null;
      return found && items.length > 0 ? { prefix: found.prefix, items } : null;
    } catch (thrown) {
      this.#sources.onFailure(thrown);
      return null;
    }
  }

  async #suggestions(
    lines: string[],
    cursorLine: number,
    cursorColumn: number,
    signal: AbortSignal,
  ): Promise<AutocompleteSuggestions | null> {
    const text = (lines[cursorLine] ?? '').slice(0, cursorColumn);
    const mention = openMention(text);
    if (mention !== undefined) return this.#mention(mention, text, signal);
    if (cursorLine > 0 || !text.startsWith('/')) return null;
    const [, name = '', argument] = /^\/(\S*)(?:\s+(.*))?$/s.exec(text) ?? [];
    if (argument === undefined) return { prefix: `/${name}`, items: this.#commands(name) };
    const prompt = this.#prompts().find((entry) => promptName(entry) === name);
    if (prompt) return this.#promptArgument(prompt, argument, signal);
    const command = this.#sources.commands.find((candidate) => candidate.name === name);
    if (!command) return null;
    const values = (await this.#sources.valuesOf(command)).filter((value) => value.startsWith(argument));
    return { prefix: argument, items: values.map((value) => ({ value, label: value })) };
  }

  applyCompletion(
    lines: string[],
    cursorLine: number,
    cursorColumn: number,
    { value }: AutocompleteItem,
    prefix: string,
  ): { lines: string[]; cursorLine: number; cursorCol: number } {
    const line = lines[cursorLine] ?? '';
    const before = line.slice(0, cursorColumn - prefix.length);
    const after = line.slice(cursorColumn);
    // A folder and a name of an argument are not the end: what is in it, or its value, comes next.
    const isWhole = !/[/=]$/.test(value) && after === '';
    const written = `${before}${value}${isWhole ? ' ' : ''}`;
    const changed = [...lines];
    changed[cursorLine] = `${written}${after}`;
    return { lines: changed, cursorLine, cursorCol: written.length };
  }

  #prompts(): readonly PromptEntry[] {
    return this.#sources.registry.catalog().prompts;
  }

  #commands(begun: string): AutocompleteItem[] {
    const commands = this.#sources.commands.map(({ name, argument, description }) => ({
      name,
      description: argument === undefined ? description : `${argument}  ${description}`,
    }));
    const prompts = this.#prompts().map((entry) => ({
      name: promptName(entry),
      description: jsonText(entry.definition['description'] ?? entry.definition['title'] ?? ''),
    }));
    const workflows = this.#sources.workflows().map(({ name, description = '' }) => ({
      name,
      description: description === '' ? 'workflow' : description,
    }));
    return [...commands, ...workflows, ...prompts]
      .filter(({ name }) => name.startsWith(begun) || (begun !== '' && name.includes(`:${begun}`)))
      .map(({ name, description }) => item(`/${name}`, `/${name}`, description));
  }

  async #promptArgument(
    prompt: PromptEntry,
    written: string,
    signal: AbortSignal,
  ): Promise<AutocompleteSuggestions | null> {
    const [begun = ''] = /\S*$/.exec(written) ?? [];
    const given = writtenArguments(written.slice(0, written.length - begun.length));
    const [, name, value = ''] = /^([\w.-]+)=(.*)$/.exec(begun) ?? [];
    if (name === undefined) {
      const named = new Set(given.map((argument) => argument.name));
      const items = promptArguments(prompt)
        .filter((argument) => !named.has(argument.name) && argument.name.startsWith(begun))
        .map((argument) => item(`${argument.name}=`, `${argument.name}=`, argument.description));
      return { prefix: begun, items };
    }
    const context = Object.fromEntries(
      given.flatMap((argument) => (argument.name ? [[argument.name, argument.value]] : [])),
    );
    const { values } = await this.#sources.registry.complete(
      { type: 'prompt', name: prompt.name },
      { name, value: value.replace(/^"/, ''), context },
      { signal },
    );
    return {
      prefix: begun,
      items: values.map((found) => item(`${name}=${writtenValue(found)}`, found)),
    };
  }

  async #mention(
    written: string,
    text: string,
    signal: AbortSignal,
  ): Promise<AutocompleteSuggestions | null> {
    const prefix = text.slice(text.lastIndexOf('@'));
    const [files, resources] = await Promise.all([
      this.#sources.files.find(written, 20),
      this.#resources(written, signal),
    ]);
    const items = [...files.map((name) => item(mentionOf(name), name, 'file')), ...resources];
    return { prefix, items };
  }

  async #resources(written: string, signal: AbortSignal): Promise<AutocompleteItem[]> {
    const { resources, resourceTemplates } = this.#sources.registry.catalog();
    const wanted = written.toLowerCase();
    const fixed = resources
      .filter(({ uri, definition }) =>
        `${uri} ${jsonText(definition['title'] ?? definition['name'])}`.toLowerCase().includes(wanted),
      )
      .map(({ uri, server, definition }) =>
        item(mentionOf(uri), uri, `${server}: ${jsonText(definition['title'] ?? definition['name'] ?? '')}`),
      );
    const templated = await Promise.all(
      resourceTemplates.map(async ({ uriTemplate, server }) => {
        const open = openVariable(uriTemplate, written);
        if (!open)
          return uriTemplate.startsWith(written) && written !== ''
            ? [begunTemplate(uriTemplate, server)]
            : [];
        const { values } = await this.#sources.registry.complete(
          { type: 'resource', uriTemplate },
          { name: open.name, value: open.value, context: open.known },
          { signal },
        );
        return values.map((value) =>
          item(mentionOf(`${open.before}${value}`), `${open.before}${value}`, server),
        );
      }),
    );
    return [...fixed, ...templated.flat()];
  }
}

/** The fixed beginning of a template, to go on from. */
function begunTemplate(uriTemplate: string, server: string): AutocompleteItem {
  const beginning = uriTemplate.slice(0, uriTemplate.indexOf('{'));
  return item(`@${beginning}`, uriTemplate, server);
}

/** What is completed is typed into the editor as it is: a name with hidden or control characters is not offered. */
function isShowable({ value }: AutocompleteItem): boolean {
  return printable(value) === value && !value.includes('\n');
}

function item(value: string, label: string, description = ''): AutocompleteItem {
  const words = oneLine(description, 100);
  return { value, label: oneLine(label, 200), ...(words === '' ? {} : { description: words }) };
}
