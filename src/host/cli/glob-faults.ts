/** Globs of workflows that fit no tool, as far as the catalog is known: told as a config is put to use, and by checks. */
import { readFileSync } from 'node:fs';

import { parseJsonDocument } from '../../config/json-document.ts';
import { type PlacedGlob, toolGlobs } from '../../config/tool-globs.ts';
import { serverPrefixes } from '../../entry-name.ts';
import type { ServerStatus } from '../../registry/contract.ts';
import type { Host } from '../host.ts';
import type { Log } from '../telemetry/log.ts';
import { unfitGlobs, unfitText } from '../workflow/unfit-globs.ts';

export interface GlobFault {
  readonly file: string;
  /** Missing where the file cannot be read any more. */
  readonly line?: number;
  readonly message: string;
}

/** None of a server of which nothing is known yet, such as one that is down and has never been up. */
export function globFaults({ config, registry }: Pick<Host, 'config' | 'registry'>): readonly GlobFault[] {
  const globs = toolGlobs(config.workflows);
  if (globs.length === 0) return [];
  const { tools } = registry.catalog();
  const unknown = registry.servers().filter(isUnknown);
  const unfit = new Set(
    unfitGlobs(
      globs.map(({ glob }) => glob),
      tools,
    ),
  );
  const faults = globs.filter(({ glob }) => unfit.has(glob) && !mayBeOf(glob, unknown));
  if (faults.length === 0) return [];
  const lineOf = lines(config.source?.path);
  return faults.map(({ glob, path }) => {
    const line = lineOf(path);
    return {
      file: config.file,
      ...(line === undefined ? {} : { line }),
      message: `${unfitText(glob, tools)} The agent works without it.`,
    };
  });
}

/** Writes them into the log as warnings. */
export function tellGlobFaults(host: Pick<Host, 'config' | 'registry'>, log: Log): void {
  for (const fault of globFaults(host))
    log.sink({ level: 'warn', component: 'config', event: 'config-notice', fields: { ...fault } });
}

function isUnknown({ state, counts }: ServerStatus): boolean {
  return state !== 'disabled' && state !== 'ready' && counts.tools === 0;
}

/** Whether the glob may mean a tool of one of these servers: its beginning says of which it does not. */
function mayBeOf(glob: string, servers: readonly ServerStatus[]): boolean {
  const [beginning = ''] = glob.split(/[*?[{(]/, 1);
  const prefixes = serverPrefixes(servers.map(({ name }) => name));
  return [...prefixes.values()].some((prefix) => {
    const whole = `${prefix}__`;
    return whole.startsWith(beginning) || beginning.startsWith(whole);
  });
}

function lines(path: string | undefined): (at: PlacedGlob['path']) => number | undefined {
  if (path === undefined) return () => undefined;
  try {
    const document = parseJsonDocument(readFileSync(path, 'utf8'));
    return (at) => document.positionOf(at).line;
  } catch {
    // It was edited or removed a moment ago, and is read anew then.
    return () => undefined;
  }
}
