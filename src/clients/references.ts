/** What other clients put in place of a value (`${input:…}`, `${env:NAME}`, `$NAME`), as the variables that we read. */
import { posix, win32 } from 'node:path';

import { isJsonObject, jsonText } from '../json.ts';
import type { Client } from './client.ts';

/** A variable that a person has to set, because the client got its value in a way that is closed to us. */
export interface WantedVariable {
  readonly name: string;
  /** What the client does in its place, or where the value is. */
  readonly because: string;
}

export interface ReferenceOptions {
  readonly client: Pick<Client, 'title' | 'hasBareVariables'>;
  readonly platform: NodeJS.Platform;
  /** What `${workspaceFolder}` becomes. Undefined: our own config stands in that folder, and the word can stay. */
  readonly workspaceFolder: string | undefined;
  /** For `${workspaceFolderBasename}`. */
  readonly workingFolder: string;
  /** The `inputs` of the file, as VS Code has them. */
  readonly inputs: unknown;
  /** Variables that the entry gives the program, which may well replace them in its own arguments. */
  readonly ownVariables: ReadonlySet<string>;
}

export interface Referred {
  readonly value: unknown;
  readonly wanted: readonly WantedVariable[];
}

const REFERENCE = /\$\{([^{}]*)\}|\$([A-Za-z_]\w*)/g;
const PLAIN = /^([A-Za-z_]\w*)(:-.*)?$/s;

/** A copy of a JSON value in which every reference is one of ours. `isArgument`: of a program that is started. */
export function translateReferences(value: unknown, options: ReferenceOptions, isArgument = false): Referred {
  const wanted: WantedVariable[] = [];
  const translate = (inner: unknown): unknown => {
    if (typeof inner === 'string') {
      return inner.replaceAll(
        REFERENCE,
        (whole, expression: string | undefined, bare: string | undefined) => {
          if (bare !== undefined) return options.client.hasBareVariables === true ? `\${${bare}}` : whole;
          const found = reference(expression ?? '', options, isArgument);
          if (found.wanted !== undefined) wanted.push(found.wanted);
          return found.text;
        },
      );
    }
    if (Array.isArray(inner)) return inner.map(translate);
    if (!isJsonObject(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, translate(item)]));
  };
  return { value: translate(value), wanted };
}

interface Translated {
  readonly text: string;
  readonly wanted?: WantedVariable;
}

function reference(expression: string, options: ReferenceOptions, isArgument: boolean): Translated {
  const [, name] = PLAIN.exec(expression) ?? [];
  if (name !== undefined && name !== 'workspaceFolder' && name !== 'userHome') {
    const fixed = fixedWord(name, options);
    if (fixed !== undefined) return { text: fixed };
    // `mcp-remote … --header "Authorization:${AUTH}"` with AUTH in `env`: the program replaces it, no client does.
    const isPrograms = isArgument && options.ownVariables.has(name);
    return { text: `${isPrograms ? '$' : ''}\${${expression}}` };
  }
  if (expression === 'workspaceFolder') return { text: options.workspaceFolder ?? '${workspaceFolder}' };
  if (expression === 'userHome') return { text: '${userHome}' };
  if (expression === '/') return { text: options.platform === 'win32' ? win32.sep : posix.sep };
  const [, kind = '', what = ''] = /^(\w+):(.*)$/s.exec(expression) ?? [];
  if (kind === 'env' && PLAIN.test(what)) return { text: `\${${what}}` };
  return kind === 'input' ? askedFor(what, options) : replacedBySomething(expression, kind, what, options);
}

/** Words of VS Code and those that came from it, which mean the same wherever our config is read. */
function fixedWord(name: string, { platform, workingFolder }: ReferenceOptions): string | undefined {
  const path = platform === 'win32' ? win32 : posix;
  if (name === 'workspaceFolderBasename') return path.basename(workingFolder);
  return name === 'pathSeparator' ? path.sep : undefined;
}

function askedFor(id: string, { inputs, client }: ReferenceOptions): Translated {
  const list = Array.isArray(inputs) ? inputs.filter(isJsonObject) : [];
  const input = list.find((one) => one['id'] === id);
  const name = variableName(id);
  const fallback = input?.['default'];
  if (typeof fallback === 'string' && input?.['password'] !== true && !/[{}]/.test(fallback))
    return { text: `\${${name}:-${fallback}}` };
  const description = jsonText(input?.['description']);
  const because = `${client.title} asks for it${description === '' ? '' : `: ${description}`}`;
  return { text: `\${${name}}`, wanted: { name, because } };
}

function replacedBySomething(
  expression: string,
  kind: string,
  what: string,
  { client }: ReferenceOptions,
): Translated {
  const name = variableName(kind === 'file' ? (what.split(/[/\\]/).at(-1) ?? what) : what || expression);
  const because =
    kind === 'file'
      ? `${client.title} reads it from the file ${what}`
      : `${client.title} has \${${expression}} there`;
  return { text: `\${${name}}`, wanted: { name, because } };
}

/** `github token` → `GITHUB_TOKEN` */
export function variableName(...words: readonly string[]): string {
  const name = words
    .join('_')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return /^[A-Z]/.test(name) ? name : `VALUE_${name}`;
}

/** Names the server in a variable's name, unless that begins with it already: `EXA_API_KEY`. */
export function withServerName(server: string, name: string): string {
  const prefix = variableName(server);
  return name === prefix || name.startsWith(`${prefix}_`) ? name : `${prefix}_${name}`;
}
