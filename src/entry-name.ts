/**
 * `server__tool` and its limits. Names are made by a table and read back from it, never parsed: models stop at 64
 * characters and clients put a prefix of their own in front.
 */
import { createHash } from 'node:crypto';

export const DEFAULT_MAX_NAME_LENGTH = 47;
const SEPARATOR = '__';
/** The host's own tools begin with it. */
const RESERVED_PREFIX = `switchyard${SEPARATOR}`;
const UNCHANGED = /^[A-Za-z0-9_-]+$/;
const HASH_LENGTH = 8;
const CUT_PREFIX_LENGTH = 16;

export interface OwnName {
  readonly server: string;
  /** The server's own name for the entry. */
  readonly name: string;
}

/**
 * A distinct prefix for each server, from the configured names alone, so that it does not depend on who is up. A prefix
 * holds no double and ends in no single underscore: two servers can then never meet in one name.
 */
export function serverPrefixes(servers: readonly string[]): ReadonlyMap<string, string> {
  return distinct(servers, prefixOf, (server) => server);
}

/** Whether an entry of the server with this prefix may be called so, with its server in front. */
export function mayBeOf(prefix: string, name: string): boolean {
  const [begin = ''] = name.split(SEPARATOR, 1);
  // A long name has been cut, its prefix with it.
  return begin === prefix || (begin.length >= CUT_PREFIX_LENGTH - 1 && prefix.startsWith(begin));
}

/** The name under which each entry is shown, in the order of the entries. Distinct where the entries are. */
export function entryNames(
  entries: readonly OwnName[],
  prefixes: ReadonlyMap<string, string>,
  maxLength: number,
): readonly string[] {
  const keys = entries.map((entry) => JSON.stringify([entry.server, entry.name]));
  const byKey = new Map(entries.map((entry, index) => [keys[index] ?? '', entry]));
  const plain = (key: string) => {
    const entry = byKey.get(key);
    const prefix = prefixes.get(entry?.server ?? '') ?? prefixOf(entry?.server ?? '');
    return { prefix, name: (entry?.name ?? '').replaceAll(/[^A-Za-z0-9_-]/g, '_') };
  };
  const full = (key: string) => plain(key).prefix + SEPARATOR + plain(key).name;
  const names = distinct(
    keys,
    (key) => (full(key).length <= maxLength ? full(key) : cut(plain(key), key, maxLength)),
    (key) => (prefixes.get(byKey.get(key)?.server ?? '') ?? '') + SEPARATOR + (byKey.get(key)?.name ?? ''),
    maxLength,
  );
  return keys.map((key) => names.get(key) ?? full(key));
}

/**
 * Each entry's own name where no other entry has it and it needs no change, else the one with its server in front. What a
 * server that is down had counts as before, so that no name depends on who is up.
 */
export function bareNames(
  entries: readonly OwnName[],
  prefixed: readonly string[],
  maxLength: number,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const { name } of entries) counts.set(name, (counts.get(name) ?? 0) + 1);
  // A prefixed name is understood whichever is shown, so nothing else may be called so.
  const taken = new Set(prefixed);
  const isFree = (name: string) =>
    UNCHANGED.test(name) &&
    name.length <= maxLength &&
    counts.get(name) === 1 &&
    !taken.has(name) &&
    !name.startsWith(RESERVED_PREFIX);
  return entries.map(({ name }, index) => (isFree(name) ? name : (prefixed[index] ?? name)));
}

/**
 * Gives each key a value of its own. Of several with the same value the one that was not changed to get it keeps it;
 * the others get a hash of the key, so that no name depends on the order or on what else is there.
 */
function distinct(
  keys: readonly string[],
  nameOf: (key: string) => string,
  unchanged: (key: string) => string,
  maxLength = Number.POSITIVE_INFINITY,
): ReadonlyMap<string, string> {
  const groups = Map.groupBy(new Set(keys), nameOf);
  const values = new Map<string, string>();
  for (const [value, group] of groups) {
    for (const key of group) {
      const keeps = group.length === 1 || unchanged(key) === value;
      values.set(key, keeps ? value : withHash(value, key, maxLength, HASH_LENGTH));
    }
  }
  const taken = new Set<string>();
  for (const [key, value] of values) {
    const final = taken.has(value) ? withHash(value, key, maxLength, 2 * HASH_LENGTH) : value;
    taken.add(final);
    values.set(key, final);
  }
  return values;
}

function prefixOf(server: string): string {
  const prefix = server
    .replaceAll(/[^A-Za-z0-9_-]/g, '_')
    .replaceAll(/_{2,}/g, '_')
    .replace(/_$/, '');
  return prefix === '' ? 'server' : prefix;
}

function cut(name: { prefix: string; name: string }, key: string, maxLength: number): string {
  const prefix = name.prefix.slice(
    0,
    Math.max(CUT_PREFIX_LENGTH, maxLength - name.name.length - HASH_LENGTH - 3),
  );
  return withHash(prefix.replace(/_$/, '') + SEPARATOR + name.name, key, maxLength, HASH_LENGTH);
}

function withHash(value: string, key: string, maxLength: number, hashLength: number): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, hashLength);
  return `${value.slice(0, maxLength - hashLength - 1)}_${hash}`;
}
