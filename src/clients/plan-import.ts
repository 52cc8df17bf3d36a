/** What an import would change in our config, and everything that a person should know about it. */
import { parseJsonDocument } from '../config/json-document.ts';
import type { Environment } from '../config/environment.ts';
import { freeServerName, nameServers } from '../config/server-names.ts';
import { isJsonObject } from '../json.ts';
import type { Place } from './client.ts';
import type { ClientEntry } from './client-entry.ts';
import { type FindSecrets, hideSecrets } from './hide-secrets.ts';
import { addMember } from './json-member.ts';
import { type NeededVariable, neededVariables } from './needed-variables.ts';
import { isOwnEntry } from './own-entry.ts';
import { isSameLaunch } from './same-launch.ts';
import { toOwnEntry } from './to-own-entry.ts';
import { VariableNames } from './variable-names.ts';

export interface ImportOptions {
  readonly entries: readonly ClientEntry[];
  /** The text of our config, valid and without a byte order mark; undefined where there is none yet. */
  readonly text: string | undefined;
  readonly configFolder: string;
  readonly place: Place;
  readonly findSecrets: FindSecrets;
}

export interface ImportPlan {
  /** Equal to the text that was given where nothing is to be added. */
  readonly text: string;
  readonly added: readonly AddedServer[];
  readonly present: readonly PresentServer[];
  readonly skipped: readonly SkippedServer[];
  readonly variables: readonly NeededVariable[];
  /** Keys of the client that have no meaning here. */
  readonly ignored: readonly string[];
  readonly remarks: readonly string[];
}

interface FromClient {
  readonly client: string;
  readonly file: string;
  /** The name that it has there. */
  readonly name: string;
}

export interface AddedServer {
  readonly name: string;
  readonly entry: Readonly<Record<string, unknown>>;
  readonly from: FromClient;
}

export interface PresentServer {
  /** What our config calls it. */
  readonly name: string;
  readonly from: FromClient;
}

export interface SkippedServer {
  readonly from: FromClient;
  readonly reason: string;
}

export function planImport(options: ImportOptions): ImportPlan {
  const { text, place, configFolder } = options;
  const document = parseJsonDocument(text?.trim() ? text : EMPTY);
  const root = isJsonObject(document.value) ? document.value : {};
  const existing = Object.entries(isJsonObject(root['mcpServers']) ? root['mcpServers'] : {});
  const servers: ServerOfOurs[] = existing.flatMap(([name, entry]) =>
    isJsonObject(entry) ? [{ name, entry }] : [],
  );
  const work: Work = {
    servers,
    taken: new Set(
      [...existing.map(([name]) => name), ...namesOf(existing)].map((name) => name.toLowerCase()),
    ),
    names: new VariableNames(place.env, variablesIn(text ?? '')),
    added: [],
    present: [],
    skipped: [],
    variables: [],
    ignored: [],
    remarks: [],
  };
  for (const entry of options.entries) take(entry, work, { place, configFolder, find: options.findSecrets });
  const { added, present, skipped, variables, ignored, remarks } = work;
  return { text: withServers(text, added), added, present, skipped, variables, ignored, remarks };
}

/** Under which its tools are offered, where the key is no such name. */
function namesOf(existing: readonly (readonly [string, unknown])[]): string[] {
  const named = existing.map(([key, entry]) => ({
    key,
    alias: isJsonObject(entry) ? entry['alias'] : undefined,
  }));
  return nameServers(named).map(({ name }) => name);
}

interface ServerOfOurs {
  readonly name: string;
  readonly entry: Readonly<Record<string, unknown>>;
  /** With its secrets, where it was imported just now. */
  readonly whole?: Readonly<Record<string, unknown>>;
}

interface Work {
  readonly servers: ServerOfOurs[];
  readonly taken: Set<string>;
  readonly names: VariableNames;
  readonly added: AddedServer[];
  readonly present: PresentServer[];
  readonly skipped: SkippedServer[];
  readonly variables: NeededVariable[];
  readonly ignored: string[];
  readonly remarks: string[];
}

interface Surroundings {
  readonly place: Place;
  readonly configFolder: string;
  readonly find: FindSecrets;
}

function take(clientEntry: ClientEntry, work: Work, { place, configFolder, find }: Surroundings): void {
  const { client, file, name: theirName } = clientEntry;
  const from: FromClient = { client: client.id, file, name: theirName };
  const own = toOwnEntry(clientEntry, { place, configFolder });
  if (own.type === 'impossible') {
    work.skipped.push({ from, reason: own.reason });
    return;
  }
  if (isOwnEntry(own.entry)) return;
  const name = freeServerName(theirName, work.taken);
  // Names of variables are given away only to what is added.
  const preview = hideSecrets(own.entry, { server: name, find, names: new VariableNames({}, new Set()) });
  const same = work.servers.find((server) => isSame(server, own.entry, preview.entry, place.env));
  if (same !== undefined) {
    work.present.push({ name: same.name, from });
    return;
  }
  const { entry, secrets } = hideSecrets(own.entry, { server: name, find, names: work.names });
  work.servers.push({ name, entry, whole: own.entry });
  work.taken.add(name.toLowerCase());
  work.added.push({ name, entry, from });
  work.variables.push(
    ...neededVariables(clientEntry, { name, entry, wanted: own.wanted, secrets, env: place.env }),
  );
  work.ignored.push(...own.ignored.map((key) => `${name}.${key} (${client.title})`));
  work.remarks.push(...own.remarks.map((remark) => `${name}: ${remark}`));
  if (name !== theirName)
    work.remarks.push(`${client.title}'s server '${theirName}' is called '${name}' here`);
}

/** Of two that were imported just now the secrets are known: with other secrets it is another server. */
function isSame(
  server: ServerOfOurs,
  entry: Readonly<Record<string, unknown>>,
  hidden: Readonly<Record<string, unknown>>,
  env: Environment,
): boolean {
  return server.whole === undefined
    ? isSameLaunch(server.entry, { entry, hidden }, env)
    : isSameLaunch(server.whole, { entry, hidden: entry }, env);
}

const EMPTY = '{}';
const FIRST = `{
  "mcpServers": {}
}
`;

function withServers(text: string | undefined, added: readonly AddedServer[]): string {
  if (added.length === 0) return text ?? '';
  let changed = text?.trim() ? text : FIRST;
  const { value } = parseJsonDocument(changed);
  if (!isJsonObject(value) || value['mcpServers'] === undefined)
    changed = addMember(changed, [], 'mcpServers', {});
  for (const { name, entry } of added) changed = addMember(changed, ['mcpServers'], name, entry);
  return changed;
}

function variablesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\$\{(?:env:)?([A-Za-z_]\w*)/g)].map(([, name = '']) => name));
}
