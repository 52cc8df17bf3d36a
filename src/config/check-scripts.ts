import { extname } from 'node:path';

import type { ConfigNotice } from './config.ts';
import type { JsonDocument } from './json-document.ts';
import { configInvalid, placed, type UnplacedProblem } from './problem.ts';
import { SCRIPT_EXTENSIONS, type Scripts, type WrittenScript, writtenScripts } from './script-files.ts';

/** Throws HostError `config-invalid` for paths that can be none of a script. */
export function checkScripts(file: string, document: JsonDocument): void {
  const problems = writtenScripts(document.value).flatMap(pathProblems);
  if (problems.length === 0) return;
  throw configInvalid(
    file,
    problems.map((problem) => placed(problem, document)),
  );
}

/** A script that cannot be read fails its own workflow alone, and is told. */
export function scriptNotices(
  file: string,
  document: JsonDocument,
  scripts: Scripts,
): readonly ConfigNotice[] {
  return writtenScripts(document.value).flatMap(({ script, path }): ConfigNotice[] => {
    const source = scripts[script];
    if (source?.type !== 'unreadable') return [];
    const { line } = document.positionOf(path);
    const message = `the script '${script}' cannot be used: ${source.reason} (${source.file}). Runs of its workflow fail until it is there`;
    return [{ level: 'warn', message, file, line }];
  });
}

function pathProblems({ script, path }: WrittenScript): UnplacedProblem[] {
  if (script.includes('${')) {
    const message = 'a path without variables: a person accepts the file that it leads to';
    return [{ path, message, found: script }];
  }
  if (SCRIPT_EXTENSIONS.includes(extname(script))) return [];
  const expected = `a file whose name ends in ${SCRIPT_EXTENSIONS.join(', ')}`;
  return [{ path, message: `expected ${expected}`, expected, found: script }];
}
