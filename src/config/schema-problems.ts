/** What zod found, in words for the person who wrote the file. */
import type { z } from 'zod';

import type { JsonPath } from './json-document.ts';
import { didYouMean, nearestName, typeName, type UnplacedProblem } from './problem.ts';

interface SchemaProblemOptions {
  /** The keys that an object at this path may have. */
  readonly knownKeys: (path: JsonPath) => readonly string[];
  /** The value as written in the file, before variables were replaced. */
  readonly writtenAt: (path: JsonPath) => unknown;
  /** The path of the checked value in the file. */
  readonly base?: JsonPath;
}

export function schemaProblems(
  issues: readonly z.core.$ZodIssue[],
  options: SchemaProblemOptions,
): UnplacedProblem[] {
  return issues.flatMap((issue) => issueProblems(issue, options.base ?? [], options));
}

function issueProblems(
  issue: z.core.$ZodIssue,
  base: JsonPath,
  options: SchemaProblemOptions,
): UnplacedProblem[] {
  const path = [...base, ...issue.path.map(keyOf)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...path, key], key, options.knownKeys(path)));
  }
  if (issue.code === 'invalid_union') {
    const branch = closestBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => issueProblems(inner, path, options));
  }
  const expected = expectation(issue);
  const written = options.writtenAt(path);
  const found = foundText(path, written);
  const message =
    written === undefined ? `is missing; expected ${expected}` : `expected ${expected}, found ${found}`;
  const nearest =
    issue.code === 'invalid_value' && typeof written === 'string'
      ? nearestName(written, issue.values.map(String))
      : undefined;
  return [
    {
      path,
      message: `${message}${nearest === undefined ? '' : `.${didYouMean(nearest)}`}`,
      expected,
      found,
      ...(nearest === undefined ? {} : { nearest }),
    },
  ];
}

function unknownKey(path: JsonPath, key: string, known: readonly string[]): UnplacedProblem {
  const nearest = nearestName(key, known);
  const listed = [...known].sort().join(', ');
  return {
    path,
    atKey: true,
    message: `unknown key. Known here: ${listed}.${didYouMean(nearest)}`,
    expected: `one of ${listed}`,
    found: key,
    ...(nearest === undefined ? {} : { nearest }),
  };
}

/** Of the shapes that a value may have, the one whose type it has; undefined where it has none of them. */
function closestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  return branches.find(
    (issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0),
  );
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_NAMES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => `'${String(value)}'`).join(' or ');
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `at least ${issue.minimum} ${issue.origin === 'array' ? 'items' : 'characters'}`
        : `a number ${issue.inclusive === false ? 'above' : 'of at least'} ${issue.minimum}`;
    case 'too_big':
      return `a number of at most ${issue.maximum}`;
    case 'invalid_union':
      if (issue.message !== 'Invalid input') return issue.message;
      return [...new Set(issue.errors.flatMap((errors) => errors.slice(0, 1).map(expectation)))].join(' or ');
    default:
      return issue.message;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'an array',
};

/** Texts are shown where they are chosen from a list or are a name; elsewhere their type has to do. */
const TELLING_KEYS = new Set([
  'start',
  'trust',
  'type',
  'builtin',
  'alias',
  'level',
  'model',
  'naming',
  'isolation',
]);
const SECRET_KEYS = new Set(['env', 'headers', 'oauth', 'apiKey', 'args', 'url', 'baseUrl', 'secret']);

function foundText(path: JsonPath, written: unknown): string {
  if (path.some((key) => SECRET_KEYS.has(String(key)))) return typeName(written);
  if (typeof written === 'number' || typeof written === 'boolean') return String(written);
  const isTelling =
    typeof written === 'string' && TELLING_KEYS.has(String(path.at(-1))) && written.length <= 80;
  return isTelling ? JSON.stringify(written) : typeName(written);
}

function keyOf(key: PropertyKey): string | number {
  return typeof key === 'number' ? key : String(key);
}
