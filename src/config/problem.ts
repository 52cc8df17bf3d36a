/** What is wrong with a config file, told so that it can be mended without a manual. */
import { distance } from 'fastest-levenshtein';

import { HostError } from '../errors.ts';
import type { JsonDocument, JsonPath, Position } from './json-document.ts';
import { formatPath } from './json-document.ts';

export interface Problem extends Position {
  readonly path: JsonPath;
  readonly message: string;
  readonly expected?: string;
  /** As written in the file, before variables were replaced; never a value that may be secret. */
  readonly found?: string;
  /** The known name that is meant, most likely. */
  readonly nearest?: string;
}

/** A problem whose place is not known yet. */
export type UnplacedProblem = Omit<Problem, 'line' | 'column'> & { readonly atKey?: boolean };

export function configInvalid(file: string, problems: readonly Problem[]): HostError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map((problem) => `  ${problem.line}:${problem.column} ${problemText(problem)}`);
  return new HostError('config-invalid', [`${file} cannot be used (${count}):`, ...lines].join('\n'), {
    data: {
      file,
      problems: problems.map((problem) => ({
        line: problem.line,
        column: problem.column,
        path: formatPath(problem.path),
        message: problem.message,
        ...(problem.expected === undefined ? {} : { expected: problem.expected }),
        ...(problem.found === undefined ? {} : { found: problem.found }),
        ...(problem.nearest === undefined ? {} : { nearest: problem.nearest }),
      })),
    },
  });
}

/** Finds the problem's place: its key where it is about a key, else its value or the nearest that exists above. */
export function placed({ atKey, ...problem }: UnplacedProblem, document: JsonDocument): Problem {
  const position = atKey === true ? document.keyPositionOf(problem.path) : document.positionOf(problem.path);
  return { ...problem, ...position };
}

/** `budget.maxTurns: expected a whole number of at least 1, found a string` */
export function problemText(problem: Omit<Problem, 'line' | 'column'>): string {
  const path = formatPath(problem.path);
  return path === '' ? problem.message : `${path}: ${problem.message}`;
}

/** The candidate that a slip of the pen turns into `name`, if any: about one wrong letter in three. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const plain = simplify(name);
  const ranked = candidates
    .map((candidate) => ({ candidate, errors: slips(plain, simplify(candidate)) }))
    .sort((a, b) => a.errors - b.errors);
  const best = ranked[0];
  if (best === undefined) return undefined;
  return best.errors <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined;
}

/** Letters that were written in another order are one slip. */
function slips(name: string, candidate: string): number {
  const letters = (text: string): string => text.split('').sort().join('');
  return name !== candidate && letters(name) === letters(candidate) ? 1 : distance(name, candidate);
}

export function didYouMean(nearest: string | undefined): string {
  return nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
}

/** `a string`, `an array`, … */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[_\s-]/g, '');
}
