/**
 * What a config would start, reach and allow unasked, as written in the file. A person accepts exactly this (trust.ts):
 * where commands run with which arguments and variables, which code is run, where addresses, headers and keys go, which
 * calls of tools need no question, who may reach the gateway, and what starts runs by itself.
 */
import { createHash } from 'node:crypto';

import { isJsonObject } from '../json.ts';
import { translateEntry } from './foreign-keys.ts';
import type { Scripts } from './script-files.ts';

export interface Launch {
  /** `mcpServers.github`, `models.fast`, `scripts../clean.ts`, `triggers.morning`, `approvals`, `guards` or `serve`. */
  readonly id: string;
  /** For a person, as `summary` is: nothing in it can hide or draw. */
  readonly name: string;
  /** One line for a person, without values of variables and headers. */
  readonly summary: string;
  readonly hash: string;
}

/** What ids of scripts begin with. */
export const SCRIPT_LAUNCH = 'scripts.';

const SERVER_FIELDS = [
  ...['command', 'args', 'env', 'cwd', 'type', 'url', 'headers', 'oauth', 'trust'],
  ...['builtin', 'roots', 'readOnly', 'sources', 'allowPrivate', 'idempotencyKeys'],
];
const MODEL_FIELDS = ['model', 'baseUrl', 'apiKey', 'headers', 'file'];

/** `written` is the file's value before variables were replaced. Sorted by id. */
export function launchesOf(written: unknown, scripts: Scripts): Launch[] {
  const file = isJsonObject(written) ? written : {};
  const servers = isJsonObject(file.mcpServers) ? Object.entries(file.mcpServers) : [];
  const models = isJsonObject(file.models) ? Object.entries(file.models) : [];
  const triggers = isJsonObject(file.triggers) ? Object.entries(file.triggers) : [];
  return [
    ...servers.flatMap(([name, entry]) => serverLaunch(name, entry)),
    ...models.flatMap(([name, candidates]) => modelLaunch(name, candidates)),
    ...Object.entries(scripts).flatMap(([path, script]) => scriptLaunch(path, script)),
    ...approvalsLaunch(file.approvals, file.naming),
    ...guardsLaunch(file.guards),
    ...serveLaunch(file.serve),
    ...triggers.flatMap(([name, trigger]) => triggerLaunch(name, trigger)),
  ].sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function launchHash(launches: readonly Launch[]): string {
  return hashOf(launches.map(({ id, hash }) => [id, hash]));
}

function serverLaunch(name: string, entry: unknown): Launch[] {
  if (!isJsonObject(entry)) return [];
  const { entry: ours, envFile } = translateEntry(entry);
  const fields = {
    ...pick(ours, SERVER_FIELDS),
    ...(envFile === undefined ? {} : { envFile }),
    ...(retries(ours.uncertain) ? { uncertain: ours.uncertain } : {}),
  };
  return [
    {
      id: `mcpServers.${name}`,
      name: shown(name),
      summary: serverSummary(ours, envFile),
      hash: hashOf(fields),
    },
  ];
}

/** A model that its provider's own address and key serve starts and reaches nothing of the file's choosing. */
function modelLaunch(name: string, written: unknown): Launch[] {
  const candidates = writtenCandidates(written)
    .filter(isJsonObject)
    .map((candidate) => pick(candidate, MODEL_FIELDS))
    .filter((fields) => Object.keys(fields).some((key) => key !== 'model'));
  if (candidates.length === 0) return [];
  const places = candidates.map((fields) => shown(fields.baseUrl ?? fields.file ?? fields.model));
  return [
    {
      id: `models.${name}`,
      name: shown(name),
      summary: `model, asks ${places.join(', ')}`,
      hash: hashOf(candidates),
    },
  ];
}

/** Code that runs as this program does; a file that cannot be read runs nothing. */
function scriptLaunch(path: string, script: Scripts[string]): Launch[] {
  if (script.type !== 'read') return [];
  const { file, hash, files } = script;
  const imported = Object.keys(files).length - 1;
  const others =
    imported === 0
      ? ''
      : imported === 1
        ? ' and a file that it imports'
        : ` and ${imported} files that it imports`;
  return [
    {
      id: `${SCRIPT_LAUNCH}${path}`,
      name: shown(path),
      summary: `runs the code of ${shown(file)}${others}, ${hash.slice(0, 12)}`,
      hash: hashOf([file, hash]),
    },
  ];
}

/** However an entry names them: alone, in a list, in a route or a cascade. */
function writtenCandidates(written: unknown): readonly unknown[] {
  if (Array.isArray(written)) return written;
  if (!isJsonObject(written)) return [written];
  const { route, cascade } = written;
  const candidates = isJsonObject(route) ? route.candidates : undefined;
  return [written, ...[candidates, cascade].flatMap((list) => (Array.isArray(list) ? list : []))];
}

/**
 * Rules are one launch: what one allows depends on those before it. Without one that allows, they ask and deny more than
 * the default does, and need no yes. With bare names a rule that allows a tool speaks of other tools.
 */
function approvalsLaunch(written: unknown, naming: unknown): Launch[] {
  const rules = (Array.isArray(written) ? written : []).filter(isJsonObject);
  const allowing = rules.filter(({ decision }) => decision === 'allow');
  if (allowing.length === 0) return [];
  const hashed = rules.map((rule) => pick(rule, ['server', 'tool', 'annotation', 'arguments', 'decision']));
  const byBareName =
    naming === 'bare' && allowing.some(({ server, tool }) => tool !== undefined && server === undefined);
  const names = byBareName ? ' (by the names that servers give their tools)' : '';
  const summary = `without a question: ${allowing.map(ruleSummary).join('; ')}${names}`;
  return [
    { id: 'approvals', name: 'approvals', summary, hash: hashOf(byBareName ? [naming, hashed] : hashed) },
  ];
}

/** Guards that are there without being asked for, and that the file turns off. */
function guardsLaunch(written: unknown): Launch[] {
  const guards = isJsonObject(written) ? written : {};
  const off = [
    ...(guards.secrets === false ? ['secrets'] : []),
    ...(guards.injection === 'off' ? ['injection'] : []),
  ];
  if (off.length === 0) return [];
  return [
    { id: 'guards', name: 'guards', summary: `without guards for ${off.join(', ')}`, hash: hashOf(off) },
  ];
}

/** Who may reach the gateway besides this machine. */
function serveLaunch(written: unknown): Launch[] {
  const serve = isJsonObject(written) ? written : {};
  const fields = pick(isJsonObject(serve.http) ? serve.http : {}, ['host', 'allowedHosts', 'allowedOrigins']);
  if (Object.keys(fields).length === 0) return [];
  const told = Object.entries(fields).map(([key, value]) => `${key} ${shown(value)}`);
  return [{ id: 'serve', name: 'serve', summary: `listens with ${told.join(', ')}`, hash: hashOf(fields) }];
}

/** Runs that nobody is there to ask for: what starts them, and what they are given. */
function triggerLaunch(name: string, written: unknown): Launch[] {
  if (!isJsonObject(written)) return [];
  const { description: _, ...fields } = written;
  const sources = TRIGGER_SOURCES.filter(([kind]) => isJsonObject(written[kind])).map(([kind, told]) => {
    const source = written[kind];
    return `${kind} ${shown(isJsonObject(source) ? (source[told] ?? name) : name)}`;
  });
  return [
    {
      id: `triggers.${name}`,
      name: shown(name),
      summary: `starts runs of ${shown(written['workflow'])} by itself (${sources.join(', ')})`,
      hash: hashOf(fields),
    },
  ];
}

/** What of a source a person is shown. */
const TRIGGER_SOURCES = [
  ['schedule', 'cron'],
  ['file', 'paths'],
  ['webhook', 'path'],
  ['resource', 'uri'],
] as const;

function ruleSummary(rule: Readonly<Record<string, unknown>>): string {
  const { server, tool, annotation, arguments: patterns } = rule;
  const subject = [
    ...(annotation === undefined ? [] : [shown(annotation)]),
    tool === undefined ? 'every tool' : shown(tool),
    ...(server === undefined ? [] : [`of ${shown(server)}`]),
  ].join(' ');
  const conditions = Object.entries(isJsonObject(patterns) ? patterns : {});
  const told = conditions.map(([name, pattern]) => `${shown(name)} fits ${shown(pattern)}`);
  return `${subject}${told.length === 0 ? '' : ` where ${told.join(' and ')}`}`;
}

function serverSummary(entry: Readonly<Record<string, unknown>>, envFile: string | undefined): string {
  const extras = [namesOf('sets', entry.env), namesOf('sends', entry.headers)];
  if (entry.cwd !== undefined) extras.push(`runs in ${shown(entry.cwd)}`);
  if (envFile !== undefined) extras.push(`reads ${shown(envFile)}`);
  if (entry.trust === 'annotations' && entry.url !== undefined) extras.push('its annotations are believed');
  if (retries(entry.uncertain))
    extras.push('calls without an answer are sent again, though they may be done twice');
  if (entry.idempotencyKeys !== undefined) extras.push('calls with an idempotency key are sent again');
  const told = extras.filter((text) => text !== '');
  return `${launchText(entry)}${told.length === 0 ? '' : ` (${told.join('; ')})`}`;
}

/** Whether something may be done twice that nobody was asked about. */
function retries(uncertain: unknown): boolean {
  return uncertain === 'retry' || (isJsonObject(uncertain) && Object.values(uncertain).includes('retry'));
}

function launchText(entry: Readonly<Record<string, unknown>>): string {
  if (entry.command !== undefined) {
    const args = Array.isArray(entry.args) ? entry.args : [];
    return `starts ${[entry.command, ...args].map(shown).join(' ')}`;
  }
  if (entry.url !== undefined) return `connects to ${shown(entry.url)}`;
  if (entry.builtin === undefined) return 'starts nothing';
  const options = pick(entry, ['roots', 'readOnly', 'sources', 'allowPrivate']);
  const told = Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return [`our own server ${shown(entry.builtin)}`, ...told].join(', ');
}

function namesOf(verb: string, values: unknown): string {
  const names = isJsonObject(values) ? Object.keys(values) : [];
  return names.length === 0 ? '' : `${verb} ${names.map(shown).join(', ')}`;
}

/** Plain words as they are; anything else quoted, so that no control character or line break can hide what is meant. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w@%+=:,./$\\{}~-]+$/.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[^\x20-\x7e]/g, (character) => {
    return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character)
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function pick(source: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.flatMap((key) => (source[key] === undefined ? [] : [[key, source[key]]])));
}

function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}
