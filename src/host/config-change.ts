/** What is different between two configs, and which part of one may be used before a person accepted the rest. */
import { isDeepStrictEqual } from 'node:util';

import type { Config } from '../config/config.ts';
import { type Launch, SCRIPT_LAUNCH } from '../config/launch.ts';
import type { Scripts, ScriptSource } from '../config/script-files.ts';
import { isJsonObject, type JsonObject } from '../json.ts';

export type ConfigChange = {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** The keys beside `mcpServers` that differ. */
  readonly settings: readonly string[];
};

/** Told of what the config comes to, defaults and variables included. */
export function changeBetween(before: Config, after: Config): ConfigChange {
  const [old, now] = [before, after].map(
    ({ servers }) => new Map(servers.map((server) => [server.name, server])),
  );
  const names = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].sort();
  const both = names.filter((name) => old?.has(name) && now?.has(name));
  return {
    added: names.filter((name) => !old?.has(name)),
    removed: names.filter((name) => !now?.has(name)),
    changed: both.filter((name) => !isDeepStrictEqual(old?.get(name), now?.get(name))),
    settings: settingsOf(before, after),
  };
}

/** `servers: + github, - old, ~ files; budget, models`, or that nothing differs. */
export function changeText({ added, removed, changed, settings }: ConfigChange): string {
  const servers = [
    ...added.map((name) => `+ ${name}`),
    ...removed.map((name) => `- ${name}`),
    ...changed.map((name) => `~ ${name}`),
  ];
  const parts = [
    ...(servers.length === 0 ? [] : [`servers: ${servers.join(', ')}`]),
    ...(settings.length === 0 ? [] : [settings.join(', ')]),
  ];
  return parts.length === 0 ? 'nothing in it differs' : parts.join('; ');
}

export function isSame(change: ConfigChange): boolean {
  return Object.values(change).every((names) => names.length === 0);
}

const NO_SETTINGS = new Set(['file', 'folder', 'origin', 'servers', 'notices', 'launchHash', 'source']);

function settingsOf(before: Config, after: Config): string[] {
  return Object.entries(after)
    .filter(([key, value]) => !NO_SETTINGS.has(key) && !isDeepStrictEqual(before[key as keyof Config], value))
    .map(([key]) => key)
    .sort();
}

/** The value of a file with what is in use in place of each of these launches, or without it where nothing is. */
export function withoutLaunches(
  written: JsonObject,
  launches: readonly Pick<Launch, 'id'>[],
  inUse: JsonObject,
): JsonObject {
  let value = written;
  for (const { id } of launches) {
    if (id.startsWith(SCRIPT_LAUNCH)) continue;
    // Which tools the rules speak of depends on how tools are named.
    if (id === 'approvals') value = withEntry(value, 'naming', inUse['naming']);
    const [section = '', ...rest] = id.split('.');
    const name = rest.join('.');
    if (name === '') value = withEntry(value, section, inUse[section]);
    else {
      const entries = isJsonObject(value[section]) ? value[section] : {};
      const old = isJsonObject(inUse[section]) ? inUse[section][name] : undefined;
      value = { ...value, [section]: withEntry(entries, name, old) };
    }
  }
  return value;
}

/** The scripts with the text that is in use in place of each of these launches; where none is, it waits. */
export function withoutScripts(
  scripts: Scripts,
  launches: readonly Pick<Launch, 'id'>[],
  inUse: Scripts,
): Scripts {
  const waiting = new Set(launches.map(({ id }) => id));
  return Object.fromEntries(
    Object.entries(scripts).map(([path, script]): [string, ScriptSource] => [
      path,
      waiting.has(`${SCRIPT_LAUNCH}${path}`)
        ? (inUse[path] ?? { type: 'unaccepted', file: script.file })
        : script,
    ]),
  );
}

function withEntry(entries: JsonObject, name: string, value: JsonObject[string] | undefined): JsonObject {
  if (value !== undefined) return { ...entries, [name]: value };
  return Object.fromEntries(Object.entries(entries).filter(([key]) => key !== name));
}
