/** All of `mcpServers`: names, definitions, and what a person should know about them. */
import { basename } from 'node:path';

import { isJsonObject } from '../json.ts';
import type { BuiltinSurroundings } from './builtin-entry.ts';
import { duplicateProblem, isInsideEntry } from './check-file.ts';
import type { ConfigNotice } from './config.ts';
import { formatPath, type JsonDocument, type JsonPath } from './json-document.ts';
import { type Problem, placed, problemText } from './problem.ts';
import type { InvalidDefinition, ServerDefinition } from './server-definition.ts';
import { readServerEntry } from './server-entry.ts';
import { nameServers } from './server-names.ts';

export interface ReadServersOptions extends BuiltinSurroundings {
  readonly file: string;
}

export interface ReadServers {
  /** In the file's order. */
  readonly servers: readonly ServerDefinition[];
  readonly notices: readonly ConfigNotice[];
}

export function readServers(
  written: Readonly<Record<string, unknown>>,
  document: JsonDocument,
  options: ReadServersOptions,
): ReadServers {
  const notices: ConfigNotice[] = [];
  const ignored: string[] = [];
  const entries = Object.entries(written);
  const named = nameServers(
    entries.map(([key, entry]) => ({ key, alias: isJsonObject(entry) ? entry.alias : undefined })),
  );
  const servers = named.map(({ key, name, remark, problem }): ServerDefinition => {
    const at: JsonPath = ['mcpServers', key];
    const { line } = document.keyPositionOf(at);
    const notice = (level: ConfigNotice['level'], message: string) =>
      notices.push({ level, message: `${formatPath(at)} ${message}`, file: options.file, line });
    const entry = readServerEntry(name, written[key], options);
    const problems = [
      ...document.duplicateKeys
        .filter(({ path }) => isInsideEntry(path) && path[1] === key)
        .map(duplicateProblem),
      ...[...(problem === undefined ? [] : [problem]), ...entry.problems].map((inner) =>
        placed({ ...inner, path: [...at, ...inner.path] }, document),
      ),
    ];
    ignored.push(...entry.ignored.map((foreign) => formatPath([...at, foreign])));
    if (remark !== undefined) notice('info', remark);
    for (const text of entry.remarks) notice('info', text);
    if (entry.missingSources.length > 0) {
      notice('info', `goes without ${entry.missingSources.join(', ')}: not in ${options.folder}`);
    }
    if (problems.length === 0 && entry.definition !== undefined) return entry.definition;
    const invalid = invalidDefinition(name, written[key], options.file, problems);
    if (!invalid.disabled) notice('warn', `is left out: ${invalid.reason}`);
    return invalid;
  });
  if (ignored.length > 0) {
    const message = `These keys of other clients have no effect here: ${ignored.join(', ')}`;
    notices.push({
      level: 'warn',
      message,
      file: options.file,
      line: document.positionOf(['mcpServers']).line,
    });
  }
  return { servers, notices };
}

function invalidDefinition(
  name: string,
  written: unknown,
  file: string,
  problems: readonly Problem[],
): InvalidDefinition {
  const reasons = problems.map(
    (problem) => `${problemText(problem)} (${basename(file)}:${problem.line}:${problem.column})`,
  );
  return {
    type: 'invalid',
    name,
    disabled: isJsonObject(written) && (written.disabled === true || written.enabled === false),
    start: 'on-use',
    trust: 'none',
    timeoutMs: 60_000,
    tools: {},
    reason: reasons.join('; '),
  };
}
