/** Everything of a config file but the server entries: checked, all problems at once, and with its variables replaced. */
import type { z } from 'zod';

import { isJsonObject } from '../json.ts';
import { valueAt } from './entry-shape.ts';
import type { Environment } from './environment.ts';
import type { FoundConfig } from './find-config.ts';
import type { JsonDocument, JsonPath } from './json-document.ts';
import { configInvalid, type Problem, placed, typeName, type UnplacedProblem } from './problem.ts';
import { fileSchema } from './schema.ts';
import { schemaProblems } from './schema-problems.ts';
import { knownKeys } from './schema-shape.ts';
import { replaceVariables } from './variables.ts';

export type FileContents = z.output<typeof fileSchema>;

/** Throws HostError `config-invalid` with every problem that stands outside of server entries. */
export function checkFile(found: FoundConfig, document: JsonDocument, env: Environment): FileContents {
  const fail = (problems: readonly Problem[]): never => {
    throw configInvalid(
      found.file,
      [...problems].sort((a, b) => a.line - b.line || a.column - b.column),
    );
  };
  if (found.text.trim() === '') return fail([{ line: 1, column: 1, path: [], message: EMPTY }]);
  if (document.faults.length > 0) return fail(document.faults.map((fault) => ({ ...fault, path: [] })));
  const { value } = document;
  if (!isJsonObject(value)) {
    const message = `expected an object, found ${typeName(value)}`;
    return fail([placed({ path: [], message, expected: 'an object', found: typeName(value) }, document)]);
  }
  const { mcpServers, ...rest } = value;
  const replaced = replaceVariables(rest, { env, folder: found.folder });
  const parsed = fileSchema.safeParse({
    ...(isJsonObject(replaced.value) ? replaced.value : {}),
    ...(mcpServers === undefined ? {} : { mcpServers }),
  });
  const missingVariables = new Set(replaced.problems.map(({ path }) => JSON.stringify(path)));
  const shape = parsed.success ? [] : shapeProblems(parsed.error, value);
  const problems = [
    ...replaced.problems,
    ...shape.filter(({ path }) => !missingVariables.has(JSON.stringify(path))),
  ];
  const repeated = document.duplicateKeys.filter(({ path }) => !isInsideEntry(path)).map(duplicateProblem);
  if (!parsed.success || problems.length + repeated.length > 0) {
    return fail([...repeated, ...problems.map((problem) => placed(problem, document))]);
  }
  return parsed.data;
}

/** A key that stands twice inside one server's entry is that server's own fault. */
export function isInsideEntry(path: JsonPath): boolean {
  return path[0] === 'mcpServers' && path.length > 2;
}

export function duplicateProblem(duplicate: JsonDocument['duplicateKeys'][number]): Problem {
  const { first, second, path } = duplicate;
  const what = path.length === 2 && path[0] === 'mcpServers' ? 'a server of this name' : 'this key';
  return {
    ...second,
    path,
    message: `${what} stands in line ${first.line} already; rename or remove one of the two`,
  };
}

const EMPTY =
  'the file is empty. Write { "mcpServers": {} }, or delete it, so that the next place is searched for a config';

function shapeProblems(error: z.ZodError, written: unknown): UnplacedProblem[] {
  const writtenAt = (path: JsonPath) => valueAt(written, path);
  return schemaProblems(error.issues, { knownKeys, writtenAt }).map((problem) => {
    const [key, ...below] = problem.path;
    if (typeof key !== 'string' || below.length > 0 || problem.atKey !== true) return problem;
    const advice = otherClientAdvice(key, writtenAt([key]));
    return advice === undefined ? problem : { ...problem, message: advice };
  });
}

/** What to do with a file that was written whole for another client. */
function otherClientAdvice(key: string, value: unknown): string | undefined {
  if (!isJsonObject(value) && key !== 'inputs') return undefined;
  switch (key) {
    case 'servers':
      return "this is the shape of VS Code's mcp.json. Rename the key 'servers' to 'mcpServers'; the entries in it can stay";
    case 'mcp':
      return isJsonObject(value) && isJsonObject(value.servers)
        ? "this is the shape of VS Code's settings. Move what 'mcp.servers' holds to a key 'mcpServers' at the top, and remove 'mcp'"
        : "this is the shape of OpenCode's config. Rename the key 'mcp' to 'mcpServers'; the entries in it can stay";
    case 'context_servers':
      return "this is the shape of Zed's settings. Rename the key 'context_servers' to 'mcpServers'; the entries in it can stay";
    case 'mcp_servers':
      return "rename the key 'mcp_servers' to 'mcpServers'; the entries in it can stay";
    case 'inputs':
      return `VS Code asks a person for these values, which this program cannot do. Remove the key, and write \${NAME} in place of each \${input:…} to take the value from the environment`;
    default:
      return undefined;
  }
}
