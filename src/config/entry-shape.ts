/** Whether a server's entry, in our words and with its variables replaced, is whole; and of which of the three kinds. */
import type { z } from 'zod';

import type { JsonPath } from './json-document.ts';
import type { UnplacedProblem } from './problem.ts';
import { configJsonSchema } from './schema.ts';
import { schemaProblems } from './schema-problems.ts';
import { knownKeys } from './schema-shape.ts';
import { builtinEntrySchema, commandEntrySchema, urlEntrySchema } from './server-schema.ts';
import type { BuiltinName } from './server-definition.ts';

export type EntryShape =
  | { readonly kind: 'builtin'; readonly data: z.output<typeof builtinEntrySchema> }
  | { readonly kind: 'command'; readonly data: z.output<typeof commandEntrySchema> }
  | { readonly kind: 'url'; readonly data: z.output<typeof urlEntrySchema> }
  | { readonly kind: 'none'; readonly problems: readonly UnplacedProblem[] };

type Entry = Readonly<Record<string, unknown>>;
type Kind = Exclude<EntryShape['kind'], 'none'>;

/** `written` is the entry before its variables were replaced: only that may be shown. */
export function entryShape(entry: Entry, written: unknown): EntryShape {
  const kind = kindOf(entry);
  switch (kind) {
    case 'builtin': {
      const parsed = builtinEntrySchema.safeParse(entry);
      if (!parsed.success) return broken(parsed.error, written);
      return whole({ kind, data: parsed.data }, strayOptions(parsed.data.builtin, entry));
    }
    case 'command': {
      const parsed = commandEntrySchema.safeParse(entry);
      if (!parsed.success) return broken(parsed.error, written);
      return whole(
        { kind, data: parsed.data },
        strayKeys(entry, ['headers', 'oauth', ...BUILTIN_OPTIONS], "'command'"),
      );
    }
    case 'url': {
      const parsed = urlEntrySchema.safeParse(entry);
      if (!parsed.success) return broken(parsed.error, written);
      const stray = strayKeys(entry, BUILTIN_OPTIONS, "'url'");
      return whole({ kind, data: parsed.data }, [...remoteProblems(parsed.data), ...stray]);
    }
    default:
      return { kind: 'none', problems: [kind] };
  }
}

function whole(shape: EntryShape, problems: readonly UnplacedProblem[]): EntryShape {
  return problems.length === 0 ? shape : { kind: 'none', problems };
}

function broken(error: z.ZodError, written: unknown): EntryShape {
  const schema = configJsonSchema();
  const problems = schemaProblems(error.issues, {
    knownKeys: (path) => knownKeys(['mcpServers', 'any', ...path], schema),
    writtenAt: (path) => valueAt(written, path),
  });
  return { kind: 'none', problems };
}

/** The value at a path of a JSON value, or undefined where there is none. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = Reflect.get(inner, key);
  }
  return inner;
}

const KINDS: readonly Kind[] = ['builtin', 'command', 'url'];

function kindOf(entry: Entry): Kind | UnplacedProblem {
  const present = KINDS.filter((kind) => entry[kind] !== undefined);
  const [kind] = present;
  const expected = "exactly one of 'command', 'url' and 'builtin'";
  if (kind === undefined) {
    return { path: [], message: `nothing says how to reach the server; expected ${expected}`, expected };
  }
  if (present.length > 1) {
    const found = present.map((name) => `'${name}'`).join(' and ');
    return { path: [], message: `expected ${expected}, found ${found}`, expected, found };
  }
  const { type } = entry;
  if (typeof type !== 'string' || (kind === 'url' ? type !== 'stdio' : type === 'stdio')) return kind;
  const fitting = kind === 'url' ? "'http' or 'sse'" : "'stdio'";
  return {
    path: ['type'],
    message: `'${type}' does not go with '${kind}'; expected ${fitting}, or no type at all`,
    expected: fitting,
    found: type,
  };
}

const BUILTIN_OPTIONS = ['roots', 'readOnly', 'sources', 'allowPrivate'] as const;
const OPTIONS_OF: Readonly<Record<BuiltinName, readonly string[]>> = {
  filesystem: ['roots', 'readOnly'],
  retrieval: ['sources'],
  memory: [],
  web: ['allowPrivate'],
};

function strayOptions(builtin: BuiltinName, entry: Entry): UnplacedProblem[] {
  const stray = BUILTIN_OPTIONS.filter((option) => !OPTIONS_OF[builtin].includes(option));
  return strayKeys(entry, ['args', 'cwd', 'headers', 'oauth', ...stray], `the built-in server '${builtin}'`);
}

function strayKeys(entry: Entry, keys: readonly string[], owner: string): UnplacedProblem[] {
  return keys
    .filter((key) => entry[key] !== undefined)
    .map((key) => ({
      path: [key],
      atKey: true,
      message: `has no meaning for ${owner}; take it out`,
      found: key,
    }));
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function remoteProblems(data: z.output<typeof urlEntrySchema>): UnplacedProblem[] {
  const problems: UnplacedProblem[] = [];
  const url = URL.parse(data.url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const found = url === null ? 'no URL' : `a ${url.protocol}// URL`;
    problems.push({
      path: ['url'],
      message: `expected an http or https URL, found ${found}`,
      expected: 'an http or https URL',
      found,
    });
  }
  for (const [name, value] of Object.entries(data.headers ?? {})) {
    if (!HEADER_NAME.test(name))
      problems.push({ path: ['headers', name], message: 'is no name that an HTTP header may have' });
    else if (/[\r\n\0]/.test(value))
      problems.push({ path: ['headers', name], message: 'the value of a header may hold no line break' });
  }
  return problems;
}
