/** What the schema cannot say of models: entries that are two things or nothing, and aliases that lead nowhere. */
import type { FileContents } from './check-file.ts';
import type { WrittenPattern } from './check-patterns.ts';
import type { JsonDocument, JsonPath } from './json-document.ts';
import { BUILTIN_ALIASES } from './model-alias.ts';
import { configInvalid, didYouMean, nearestName, placed, type UnplacedProblem } from './problem.ts';

type WrittenModels = NonNullable<FileContents['models']>;
type WrittenEntry = Exclude<WrittenModels[string], string | readonly unknown[]>;
type WrittenPart = string | { readonly model: string };

const KINDS = ['model', 'route', 'cascade'] as const;

/** Throws HostError `config-invalid`. */
export function checkModels(file: string, models: WrittenModels, document: JsonDocument): void {
  const problems = Object.entries(models).flatMap(([alias, entry]) =>
    typeof entry === 'string' || Array.isArray(entry) ? [] : entryProblems(alias, entry, models),
  );
  if (problems.length > 0)
    throw configInvalid(
      file,
      problems.map((problem) => placed(problem, document)),
    );
}

function entryProblems(alias: string, entry: WrittenEntry, models: WrittenModels): UnplacedProblem[] {
  const path = ['models', alias];
  const kinds = KINDS.filter((kind) => entry[kind] !== undefined);
  if (kinds.length !== 1) {
    const message =
      kinds.length === 0
        ? `names no model. It takes one of ${KINDS.join(', ')}`
        : `is ${kinds.join(' and ')} at once. It takes one of them`;
    return [{ path, message }];
  }
  if (entry.model !== undefined)
    return entry.accept === undefined
      ? []
      : [{ path: [...path, 'accept'], atKey: true, message: stranger('accept') }];
  const allowed = entry.route === undefined ? OF_CASCADE : OF_ROUTE;
  const strangers = Object.keys(entry).filter((key) => !allowed.has(key));
  const judge = entry.accept?.judge;
  return [
    ...strangers.map((key) => ({ path: [...path, key], atKey: true, message: stranger(key) })),
    ...(entry.route?.candidates ?? []).flatMap((part, index) =>
      partProblems(part, [...path, 'route', 'candidates', index], { alias, models }),
    ),
    ...(entry.cascade ?? []).flatMap((part, index) =>
      partProblems(part, [...path, 'cascade', index], { alias, models }),
    ),
    ...(judge === undefined
      ? []
      : partProblems(judge.model, [...path, 'accept', 'judge', 'model'], { alias, models })),
  ];
}

/** The patterns that answers of cascades have to fit, with their places. */
export function modelPatterns(models: WrittenModels): readonly WrittenPattern[] {
  return Object.entries(models).flatMap(([alias, entry]) => {
    if (typeof entry === 'string' || Array.isArray(entry)) return [];
    const { matches, lacks } = entry.accept ?? {};
    return Object.entries({ matches, lacks }).flatMap(([key, pattern]) =>
      pattern === undefined ? [] : [{ pattern, path: ['models', alias, 'accept', key] }],
    );
  });
}

const OF_ROUTE: ReadonlySet<string> = new Set(['route']);
const OF_CASCADE: ReadonlySet<string> = new Set(['cascade', 'accept']);

function stranger(key: string): string {
  return key === 'accept'
    ? 'belongs to a cascade'
    : 'belongs to one model: write it in an object among the models that are chosen from';
}

/** A part that names no provider is an alias: of one model or of a list, so that a choice is made once. */
function partProblems(
  part: WrittenPart,
  path: JsonPath,
  { alias, models }: { readonly alias: string; readonly models: WrittenModels },
): UnplacedProblem[] {
  const name = typeof part === 'string' ? part : part.model;
  const at = typeof part === 'string' ? path : [...path, 'model'];
  if (name.includes('/')) return [];
  const known = [...new Set(['default', ...Object.keys(models), ...BUILTIN_ALIASES])].filter(
    (one) => one !== alias,
  );
  if (name === alias) return [{ path: at, message: 'is the alias that it stands in', found: name }];
  if (!known.includes(name)) {
    const nearest = nearestName(name, known);
    return [
      {
        path: at,
        message: `unknown alias '${name}'. Known: ${known.join(', ')}.${didYouMean(nearest)}`,
        found: name,
        ...(nearest === undefined ? {} : { nearest }),
      },
    ];
  }
  const entry = Object.hasOwn(models, name) ? models[name] : undefined;
  const kind = typeof entry === 'object' && !Array.isArray(entry) ? choiceOf(entry) : undefined;
  if (kind !== undefined)
    return [
      {
        path: at,
        message: `'${name}' is a ${kind} itself. A choice is between models and lists of them`,
        found: name,
      },
    ];
  const fields = typeof part === 'string' ? [] : Object.keys(part).filter((key) => !OF_PART.has(key));
  return fields.map((key) => ({
    path: [...path, key],
    atKey: true,
    message: `belongs to a model, and '${name}' is an alias that says it itself`,
  }));
}

const OF_PART: ReadonlySet<string> = new Set(['model', 'upTo', 'goodAt']);

function choiceOf({ route, cascade }: WrittenEntry): string | undefined {
  if (route !== undefined) return 'route';
  return cascade === undefined ? undefined : 'cascade';
}
