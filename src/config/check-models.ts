/** What the schema cannot say of models: entries that are two things or nothing, and aliases that lead nowhere. */
import type { FileContents } from './check-file.ts';
import type { JsonDocument, JsonPath } from './json-document.ts';
import { BUILTIN_ALIASES } from './model-alias.ts';
import { configInvalid, didYouMean, nearestName, placed, type UnplacedProblem } from './problem.ts';

type WrittenModels = NonNullable<FileContents['models']>;
type WrittenEntry = Exclude<WrittenModels[string], string | readonly unknown[]>;
type WrittenPart = string | { readonly model: string };

const KINDS = ['model', 'route'] as const;

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
    return entry.model.includes('/') ? [] : [noModelName(entry.model, [...path, 'model'])];
  const strangers = Object.keys(entry).filter((key) => !OF_ROUTE.has(key));
  return [
    ...strangers.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: 'belongs to one model: write it in an object among the candidates',
    })),
    ...(entry.route?.candidates ?? []).flatMap((part, index) =>
      partProblems(part, [...path, 'route', 'candidates', index], { alias, models }),
    ),
  ];
}

const OF_ROUTE: ReadonlySet<string> = new Set(['route']);

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
  if (typeof entry === 'object' && !Array.isArray(entry) && 'route' in entry && entry.route !== undefined)
    return [
      {
        path: at,
        message: `'${name}' is a route itself. A candidate is a model or an alias of models`,
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

function noModelName(found: string, path: JsonPath): UnplacedProblem {
  return { path, message: `expected a model as 'provider/name', found '${found}'`, found };
}
