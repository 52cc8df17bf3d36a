/** The servers that a client's files hold. */
import { resolve } from 'node:path';

import { isJsonObject } from '../json.ts';
import type { Client, Place } from './client.ts';
import type { ClientEntry } from './client-entry.ts';
import { readText } from './config-text.ts';
import { parseConfig } from './parse-config.ts';

export interface ReadEntries {
  readonly entries: readonly ClientEntry[];
  /** The files that are there. */
  readonly found: readonly string[];
  readonly searched: readonly string[];
  /** Files that are there and cannot be used, and why. */
  readonly faults: readonly FileFault[];
  readonly remarks: readonly string[];
}

export interface FileFault {
  readonly file: string;
  readonly reason: string;
}

/** Never rejects: a file that is broken is left alone and told. */
export async function readEntries(client: Client, place: Place): Promise<ReadEntries> {
  const files = [
    ...client.userFiles(place).map((file) => ({ file, scope: 'user' as const })),
    ...(client.projectFiles?.(place) ?? []).map((file) => ({ file, scope: 'project' as const })),
  ];
  // In the home folder the project's file is the person's own.
  const distinct = files.filter(({ file }, index) => files.findIndex((one) => one.file === file) === index);
  const read = await Promise.all(
    distinct.map(({ file, scope }) => readFileEntries(client, file, scope, place)),
  );
  return {
    entries: read.flatMap((one) => one?.entries ?? []),
    found: read.flatMap((one) => one?.file ?? []),
    searched: distinct.map(({ file }) => file),
    faults: read.flatMap((one) => one?.fault ?? []),
    remarks: read.flatMap((one) => one?.remarks ?? []),
  };
}

interface ReadFile {
  readonly file: string;
  readonly entries?: readonly ClientEntry[];
  readonly remarks?: readonly string[];
  readonly fault?: FileFault;
}

async function readFileEntries(
  client: Client,
  file: string,
  scope: ClientEntry['scope'],
  place: Place,
): Promise<ReadFile | undefined> {
  const read = await readText(file);
  if (read.type === 'missing') return undefined;
  if (read.type === 'unreadable') return { file, fault: { file, reason: read.reason } };
  const parsed = parseConfig(client, read.text);
  if (parsed.type === 'broken') return { file, fault: { file, reason: parsed.reason } };
  const { value } = parsed;
  const inputs = value['inputs'];
  const entriesOf = (servers: unknown, ofScope: ClientEntry['scope']): ClientEntry[] =>
    Object.entries(isJsonObject(servers) ? servers : {}).flatMap(([name, written]) =>
      isJsonObject(written) ? [{ client, file, name, scope: ofScope, written, inputs }] : [],
    );
  const projects = client.id === 'claude-code' ? claudeProjects(value, place) : undefined;
  return {
    file,
    entries: [...entriesOf(value[client.serversKey], scope), ...entriesOf(projects?.servers, 'project')],
    remarks: projects?.remarks ?? [],
  };
}

/** `~/.claude.json` holds servers for single folders as well. */
function claudeProjects(
  value: Readonly<Record<string, unknown>>,
  { workingFolder }: Place,
): { readonly servers: unknown; readonly remarks: readonly string[] } {
  const projects = Object.entries(isJsonObject(value['projects']) ? value['projects'] : {}).flatMap(
    ([folder, project]) =>
      isJsonObject(project) && isJsonObject(project['mcpServers'])
        ? [{ folder, servers: project['mcpServers'] }]
        : [],
  );
  const isHere = (folder: string): boolean => resolve(folder) === resolve(workingFolder);
  const elsewhere = projects.filter(
    ({ folder, servers }) => !isHere(folder) && Object.keys(servers).length > 0,
  );
  return {
    servers: projects.find(({ folder }) => isHere(folder))?.servers,
    remarks: elsewhere.map(
      ({ folder, servers }) =>
        `Claude Code has ${Object.keys(servers).join(', ')} for ${folder} alone; "switchyard import claude-code" in that folder takes what it has there.`,
    ),
  };
}
