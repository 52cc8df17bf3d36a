/** One value of `mcpServers` as a server definition. A fault in it never reaches beyond this server. */
import { isJsonObject } from '../json.ts';
import { type BuiltinSurroundings, builtinCommand } from './builtin-entry.ts';
import { IDEMPOTENCY_KEY } from './idempotency-key.ts';
import { type EntryShape, entryShape } from './entry-shape.ts';
import { readEnvFile } from './env-file.ts';
import { type Translation, translateEntry } from './foreign-keys.ts';
import { typeName, type UnplacedProblem } from './problem.ts';
import { resolvePath } from './resolve-path.ts';
import type { RemoteDefinition, ServerDefinition, StdioDefinition } from './server-definition.ts';
import { replaceVariables } from './variables.ts';

export interface ServerEntry {
  /** Undefined where there are problems. */
  readonly definition?: StdioDefinition | RemoteDefinition;
  /** Paths are relative to the entry. */
  readonly problems: readonly UnplacedProblem[];
  /** Keys of other clients without a meaning here. */
  readonly ignored: readonly string[];
  readonly remarks: readonly string[];
  /** Sources of retrieval that were left out because they do not exist. */
  readonly missingSources: readonly string[];
}

const DEFAULT_TIMEOUT_MS = 60_000;

export function readServerEntry(
  name: string,
  written: unknown,
  surroundings: BuiltinSurroundings,
): ServerEntry {
  if (!isJsonObject(written)) {
    const found = typeName(written);
    const problem = { path: [], message: `expected an object, found ${found}`, expected: 'an object', found };
    return { problems: [problem], ignored: [], remarks: [], missingSources: [] };
  }
  const replaced = replaceVariables(written, surroundings);
  const translation = translateEntry(isJsonObject(replaced.value) ? replaced.value : {});
  const { entry, envFile, ignored, remarks, writtenAs } = translation;
  const variables = envFile === undefined ? undefined : readEnvFile(surroundings.folder, envFile);
  const shape = entryShape(entry, inOurWords(written, writtenAs));
  const faults = [...replaced.problems, ...translation.problems];
  if (variables?.type === 'unreadable') faults.push(variables.problem);
  const problems = [
    ...faults,
    ...(shape.kind === 'none' ? newProblems(shape.problems, writtenAs, faults) : []),
  ];
  if (problems.length > 0 || shape.kind === 'none') return { problems, ignored, remarks, missingSources: [] };
  const fromFile = variables?.type === 'read' ? variables.variables : {};
  return { ...define(name, shape, fromFile, surroundings), problems, ignored, remarks };
}

type WholeShape = Exclude<EntryShape, { kind: 'none' }>;

function define(
  name: string,
  shape: WholeShape,
  fromFile: Readonly<Record<string, string>>,
  surroundings: BuiltinSurroundings,
): { readonly definition: StdioDefinition | RemoteDefinition; readonly missingSources: readonly string[] } {
  const common = {
    name,
    disabled: shape.data.disabled ?? false,
    start: shape.data.start ?? 'on-use',
    trust: shape.data.trust ?? (shape.kind === 'url' ? 'none' : 'annotations'),
    ...(shape.data.isolation === undefined ? {} : { isolation: shape.data.isolation }),
    timeoutMs: shape.data.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    tools: shape.data.tools ?? {},
    ...effectsOf(shape.data),
  } as const satisfies Partial<ServerDefinition>;
  if (shape.kind === 'url') {
    const { type = 'http', url, headers = {}, oauth } = shape.data;
    const login = oauth === undefined ? {} : { oauth };
    return { definition: { ...common, type, url, headers, ...login }, missingSources: [] };
  }
  const own = { ...fromFile, ...texts(shape.data.env ?? {}) };
  if (shape.kind === 'builtin') {
    const { missingSources, env: passedOn, ...command } = builtinCommand(shape.data, surroundings);
    const env = { ...passedOn, ...own, SWITCHYARD_HOME: surroundings.homeFolder };
    const definition = { ...common, ...command, type: 'stdio', env, builtin: shape.data.builtin } as const;
    return { definition, missingSources };
  }
  const { command, args = [], cwd = '.' } = shape.data;
  const definition = {
    ...common,
    type: 'stdio',
    command,
    args,
    env: own,
    cwd: resolvePath(surroundings.folder, cwd),
  } as const;
  return { definition, missingSources: [] };
}

function effectsOf({
  uncertain,
  idempotencyKeys,
}: WholeShape['data']): Pick<ServerDefinition, 'uncertain' | 'idempotencyKeys'> {
  const keys = Array.isArray(idempotencyKeys)
    ? Object.fromEntries(idempotencyKeys.map((glob) => [glob, IDEMPOTENCY_KEY]))
    : idempotencyKeys;
  return {
    ...(uncertain === undefined ? {} : { uncertain }),
    ...(keys === undefined ? {} : { idempotencyKeys: keys }),
  };
}

function texts(variables: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
}

function inOurWords(
  written: Readonly<Record<string, unknown>>,
  writtenAs: Translation['writtenAs'],
): Record<string, unknown> {
  return {
    ...written,
    ...Object.fromEntries([...writtenAs].map(([ours, theirs]) => [ours, written[theirs]])),
  };
}

/**
 * The problems of the shape, under the keys that the file uses. A variable that is missing leaves an empty text behind,
 * of which nobody needs to hear as well.
 */
function newProblems(
  problems: readonly UnplacedProblem[],
  writtenAs: Translation['writtenAs'],
  told: readonly UnplacedProblem[],
): UnplacedProblem[] {
  const toldPaths = new Set(told.map(({ path }) => JSON.stringify(path)));
  return problems
    .map((problem) => {
      const [first, ...rest] = problem.path;
      const theirs = typeof first === 'string' ? writtenAs.get(first) : undefined;
      return theirs === undefined ? problem : { ...problem, path: [theirs, ...rest] };
    })
    .filter(({ path }) => !toldPaths.has(JSON.stringify(path)));
}
