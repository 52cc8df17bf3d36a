/** Secrets that stand in clear in another client's config become variables in ours. */
import { isJsonObject } from '../json.ts';
import { variableName, withServerName } from './references.ts';
import type { VariableNames } from './variable-names.ts';

/** What of a text is secret, in order. `name` is that of the variable, header or flag whose value it is. */
export type FindSecrets = (
  text: string,
  name?: string,
) => readonly { readonly start: number; readonly end: number }[];

export interface HiddenSecret {
  readonly variable: string;
  /** Where in the entry it stood: `env.API_KEY`, `args[3]`. */
  readonly at: string;
}

export interface HideOptions {
  readonly server: string;
  readonly find: FindSecrets;
  readonly names: VariableNames;
}

export interface Hidden {
  readonly entry: Readonly<Record<string, unknown>>;
  readonly secrets: readonly HiddenSecret[];
}

/** `entry` is in our words; what it refers to by `${NAME}` stays. */
export function hideSecrets(entry: Readonly<Record<string, unknown>>, options: HideOptions): Hidden {
  const { server, find, names } = options;
  const secrets: HiddenSecret[] = [];
  const hide = (text: string, { name, wanted, at }: Place): string =>
    literalParts(text, (literal) => {
      let hidden = '';
      let from = 0;
      for (const { start, end } of find(literal, name)) {
        const variable = names.choose(wanted, server, literal.slice(start, end));
        secrets.push({ variable, at });
        hidden += `${literal.slice(from, start)}\${${variable}}`;
        from = end;
      }
      return hidden + literal.slice(from);
    });
  const { env, headers, args, url, command } = entry;
  const unnamed = variableName(server, 'secret');
  const changed = {
    ...(typeof command === 'string' ? { command: hide(command, { wanted: unnamed, at: 'command' }) } : {}),
    ...(Array.isArray(args) ? { args: hideArguments(args.map(String), options, hide) } : {}),
    ...(typeof url === 'string' ? { url: hide(url, { wanted: unnamed, at: 'url' }) } : {}),
    ...(isJsonObject(headers)
      ? { headers: hideValues(headers, 'headers', (name) => headerName(server, name), hide) }
      : {}),
    ...(isJsonObject(env) ? { env: hideValues(env, 'env', (name) => variableName(name), hide) } : {}),
  };
  return { entry: { ...entry, ...changed }, secrets };
}

interface Place {
  readonly name?: string;
  /** The variable that it had best become. */
  readonly wanted: string;
  readonly at: string;
}

type Hide = (text: string, place: Place) => string;

function hideValues(
  values: Readonly<Record<string, unknown>>,
  key: string,
  wantedFor: (name: string) => string,
  hide: Hide,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string'
        ? hide(value, { name, wanted: wantedFor(name), at: `${key}.${name}` })
        : value,
    ]),
  );
}

/** `--token abc`, `--token=abc`, `-e TOKEN=abc`, `--header "Authorization: Bearer abc"`, and the bare `abc`. */
function hideArguments(args: readonly string[], { server, find }: HideOptions, hide: Hide): string[] {
  return args.map((argument, index) => {
    const at = `args[${index}]`;
    const [, flag] = /^--?([A-Za-z][\w-]*)$/.exec(args[index - 1] ?? '') ?? [];
    const isValue = flag !== undefined && !argument.startsWith('-');
    const unpaired = isValue
      ? { name: flag, wanted: flagName(server, flag) }
      : { wanted: variableName(server, 'secret') };
    return hidePair(argument, {
      server,
      find,
      unpaired,
      hide: (text, place) => hide(text, { ...place, at }),
    });
  });
}

/** Whether it is one secret, behind `Bearer` perhaps. */
function isWhole(text: string, [first]: ReturnType<FindSecrets>): boolean {
  return first?.end === text.length && /^(?:\w+\s+)?$/.test(text.slice(0, first.start));
}

interface PairOptions extends Pick<HideOptions, 'server' | 'find'> {
  /** What it is where it is no pair. */
  readonly unpaired: Omit<Place, 'at'>;
  readonly hide: (text: string, place: Omit<Place, 'at'>) => string;
}

/** `--header=Authorization: Bearer abc` is a pair within a pair. */
function hidePair(text: string, { unpaired, ...options }: PairOptions): string {
  const { server, find, hide } = options;
  if (unpaired.name !== undefined && isWhole(text, find(text, unpaired.name))) return hide(text, unpaired);
  const [before, name, between] = /^-{0,2}([A-Za-z][\w-]*)(=|:\s*)(?!\/\/)(?=[^=])/.exec(text) ?? [];
  if (before === undefined || name === undefined) return hide(text, unpaired);
  const wanted = between === '=' ? flagName(server, name) : headerName(server, name);
  return before + hidePair(text.slice(before.length), { ...options, unpaired: { name, wanted } });
}

/** `GITHUB_TOKEN` is a variable already; `api-key` of the server exa becomes `EXA_API_KEY`. */
function flagName(server: string, flag: string): string {
  return /^[A-Z][A-Z0-9_]+$/.test(flag) ? flag : withServerName(server, variableName(flag));
}

function headerName(server: string, header: string): string {
  const word = /^(?:proxy-)?authorization$/i.test(header) ? 'token' : header.replace(/^x-/i, '');
  return withServerName(server, variableName(word));
}

/** What stands between references, which are no secrets. */
function literalParts(text: string, change: (literal: string) => string): string {
  return text
    .split(/(\$?\$\{[^{}]*\})/)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('');
}
