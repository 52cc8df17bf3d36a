/** A client's config with our entry in it, and without. */
import { isDeepStrictEqual } from 'node:util';

import { isJsonObject } from '../json.ts';
import type { Client } from './client.ts';
import { addMember, removeMember, replaceMember } from './json-member.ts';
import { isOwnEntry, OWN_NAME } from './own-entry.ts';
import { parseConfig } from './parse-config.ts';
import { addTable, removeTable } from './toml-table.ts';

export type ChangedText =
  | { readonly type: 'changed' | 'same'; readonly text: string }
  /** The text is left as it is. */
  | { readonly type: 'refused'; readonly reason: string };

/** `same`: it is there already, as it is to be. */
export function withOwnEntry(
  client: Client,
  text: string,
  entry: Readonly<Record<string, unknown>>,
): ChangedText {
  const parsed = parseConfig(client, text);
  if (parsed.type === 'broken') return { type: 'refused', reason: parsed.reason };
  const present = entryIn(client, parsed.value);
  const isOurs = isJsonObject(present) && isOwnEntry(present);
  if (present !== undefined && !isOurs) {
    const reason = `it has an entry '${OWN_NAME}' that starts something else; rename or remove it`;
    return { type: 'refused', reason };
  }
  const wanted = isOurs ? renewed(present, entry) : entry;
  if (isDeepStrictEqual(plain(present), plain(wanted))) return { type: 'same', text };
  if (client.format === 'toml') return tomlWith(client, text, wanted);
  const path = [client.serversKey, OWN_NAME];
  if (isOurs) return { type: 'changed', text: replaceMember(text, path, wanted) };
  if (text.trim() === '') return { type: 'changed', text: newText(client, entry) };
  if (parsed.value[client.serversKey] === undefined)
    return { type: 'changed', text: addMember(text, [], client.serversKey, { [OWN_NAME]: entry }) };
  return { type: 'changed', text: addMember(text, [client.serversKey], OWN_NAME, entry) };
}

/** What the client or a person put beside our own keys stays: tools that run unasked, variables. */
function renewed(
  present: Readonly<Record<string, unknown>>,
  entry: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { SWITCHYARD_HOME: _old, ...others } = isJsonObject(present['env']) ? present['env'] : {};
  const env = { ...others, ...(isJsonObject(entry['env']) ? entry['env'] : {}) };
  const { env: _env, ...rest } = present;
  return { ...rest, ...entry, ...(Object.keys(env).length === 0 ? {} : { env }) };
}

/** `same`: it is not there. `hadServers`: whether the file held a list of servers before ours came; an empty one stays. */
export function withoutOwnEntry(client: Client, text: string, hadServers: boolean): ChangedText {
  const parsed = parseConfig(client, text);
  if (parsed.type === 'broken') return { type: 'refused', reason: parsed.reason };
  const present = entryIn(client, parsed.value);
  if (!isJsonObject(present) || !isOwnEntry(present)) return { type: 'same', text };
  if (client.format === 'toml') return tomlWithout(client, text);
  const removed = removeMember(text, [client.serversKey, OWN_NAME]);
  const rest = parseConfig(client, removed);
  const servers = rest.type === 'parsed' ? rest.value[client.serversKey] : undefined;
  const isLeftOver = !hadServers && isJsonObject(servers) && Object.keys(servers).length === 0;
  return { type: 'changed', text: isLeftOver ? removeMember(removed, [client.serversKey]) : removed };
}

export function holdsOwnEntry(client: Client, text: string): boolean {
  const parsed = parseConfig(client, text);
  const present = parsed.type === 'parsed' ? entryIn(client, parsed.value) : undefined;
  return isJsonObject(present) && isOwnEntry(present);
}

/** Whether it holds nothing that anybody would miss. */
export function isEmptyConfig(client: Client, text: string): boolean {
  const parsed = parseConfig(client, text);
  if (parsed.type === 'broken' || /\/[/*]|#/.test(text)) return false;
  return Object.entries(parsed.value).every(
    ([key, value]) => key === client.serversKey && isJsonObject(value) && Object.keys(value).length === 0,
  );
}

export function hasServers(client: Client, text: string): boolean {
  const parsed = parseConfig(client, text);
  return parsed.type === 'parsed' && parsed.value[client.serversKey] !== undefined;
}

function newText({ serversKey }: Client, entry: Readonly<Record<string, unknown>>): string {
  return `${addMember('{}', [], serversKey, { [OWN_NAME]: entry })}\n`;
}

/** A text of TOML is edited by lines; whether the right ones were taken, the parser tells. */
function tomlWith(client: Client, text: string, entry: Readonly<Record<string, unknown>>): ChangedText {
  const before = without(client, text);
  const cleared = removeTable(text, [client.serversKey, OWN_NAME]);
  const added = addTable(cleared, [client.serversKey, OWN_NAME], entry);
  const after = parseConfig(client, added);
  const isRight =
    after.type === 'parsed' &&
    isDeepStrictEqual(plain(entryIn(client, after.value)), plain(entry)) &&
    isDeepStrictEqual(without(client, added), before);
  if (isRight) return { type: 'changed', text: added };
  return {
    type: 'refused',
    reason: `'${client.serversKey}' is written there in a way that cannot be added to`,
  };
}

function tomlWithout(client: Client, text: string): ChangedText {
  const removed = removeTable(text, [client.serversKey, OWN_NAME]);
  const after = parseConfig(client, removed);
  if (after.type === 'parsed' && isDeepStrictEqual(plain(after.value), without(client, text)))
    return { type: 'changed', text: removed };
  return {
    type: 'refused',
    reason: `'${client.serversKey}.${OWN_NAME}' is no table of its own there; take it out by hand`,
  };
}

function entryIn(client: Client, value: Readonly<Record<string, unknown>>): unknown {
  const servers = value[client.serversKey];
  return isJsonObject(servers) && Object.hasOwn(servers, OWN_NAME) ? servers[OWN_NAME] : undefined;
}

/** The value of a text but for our entry, and for a list of servers that is empty without it. */
function without(client: Client, text: string): unknown {
  const parsed = parseConfig(client, text);
  if (parsed.type === 'broken') return undefined;
  const { [client.serversKey]: servers, ...rest } = parsed.value;
  if (!isJsonObject(servers)) return plain(rest);
  const { [OWN_NAME]: _ours, ...others } = servers;
  return plain(Object.keys(others).length === 0 ? rest : { ...rest, [client.serversKey]: others });
}

/** Without prototypes, which differ between parsers; times of TOML as texts. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
