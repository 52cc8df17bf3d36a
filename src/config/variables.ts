/** `${NAME}` and `${NAME:-default}` in the strings of a config. */
import { homedir } from 'node:os';

import type { Environment } from './environment.ts';
import type { JsonPath } from './json-document.ts';
import { nearestName, didYouMean, type UnplacedProblem } from './problem.ts';

export interface VariableSource {
  readonly env: Environment;
  /** What `${workspaceFolder}`, a word of other clients, stands for. */
  readonly folder: string;
}

export interface Replaced {
  readonly value: unknown;
  readonly problems: readonly UnplacedProblem[];
}

/**
 * A copy of a JSON value with the variables of every string replaced; keys stay as they are. As in a shell, the default
 * stands in for a variable that is unset or empty. `$${NAME}` gives the text `${NAME}`. Other clients' `${env:NAME}`,
 * `${workspaceFolder}` and `${userHome}` are understood.
 */
export function replaceVariables(value: unknown, source: VariableSource, path: JsonPath = []): Replaced {
  const problems: UnplacedProblem[] = [];
  const replace = (inner: unknown, at: JsonPath): unknown => {
    if (typeof inner === 'string') {
      return inner.replaceAll(VARIABLE, (whole, expression: string) => {
        if (whole.startsWith('$$')) return whole.slice(1);
        const result = evaluate(expression, source);
        if (typeof result === 'string') return result;
        problems.push({ path: at, ...result });
        return '';
      });
    }
    if (Array.isArray(inner)) return inner.map((item, index) => replace(item, [...at, index]));
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, replace(item, [...at, key])]));
  };
  return { value: replace(value, path), problems };
}

const VARIABLE = /\$?\$\{([^{}]*)\}/g;
const EXPRESSION = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

function evaluate(expression: string, source: VariableSource): string | Omit<UnplacedProblem, 'path'> {
  if (expression === 'workspaceFolder') return source.folder;
  if (expression === 'userHome') return homedir();
  const [, name, fallback] = EXPRESSION.exec(expression) ?? [];
  if (name === undefined) return { message: unknownExpression(expression), expected: 'a variable name' };
  const value = source.env[name];
  if (fallback !== undefined && (value === undefined || value === '')) return fallback;
  if (value !== undefined) return value;
  const nearest = nearestName(name, Object.keys(source.env));
  return {
    message: `the environment variable ${name} is not set.${didYouMean(nearest)} Set it, or write \${${name}:-default}`,
    expected: `the environment variable ${name}`,
    found: 'nothing',
    ...(nearest === undefined ? {} : { nearest }),
  };
}

function unknownExpression(expression: string): string {
  if (expression.startsWith('input:')) {
    return `\${${expression}} asks a person, which this program cannot do. Use an environment variable: \${NAME}`;
  }
  return `\${${expression}} is no variable. Write \${NAME} or \${NAME:-default}, and $\${ for a plain \${`;
}
