/** The keys of `mcpServers` as names under which tools can be offered: `server__tool`. */
import type { UnplacedProblem } from './problem.ts';

/** The host's own tools are `switchyard__…`. */
const RESERVED_NAME = 'switchyard';
const MAX_LENGTH = 32;
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]|_(?!_))*$/;

export interface NamedServer {
  readonly key: string;
  /** Unique; where there is a problem, still one under which it can be shown. */
  readonly name: string;
  /** Says that a name was derived from a key that is none. */
  readonly remark?: string;
  readonly problem?: UnplacedProblem;
}

/** Names in the file's order. Keys go before aliases, so that a wrong alias never harms the server that it names. */
export function nameServers(
  entries: readonly { readonly key: string; readonly alias: unknown }[],
): NamedServer[] {
  const taken = new Set<string>();
  const named = new Map<string, NamedServer>();
  const unaliased = entries.filter(({ alias }) => typeof alias !== 'string');
  const aliased = entries.filter(({ alias }) => typeof alias === 'string');
  for (const { key, alias } of [...unaliased, ...aliased]) {
    const wanted = typeof alias === 'string' ? alias : nameFromKey(key);
    const path = typeof alias === 'string' ? ['alias'] : [];
    const message = nameFault(wanted, taken);
    const name = message === undefined ? wanted : freeName(nameFromKey(key), taken);
    taken.add(name.toLowerCase());
    named.set(key, {
      key,
      name,
      ...(message === undefined ? {} : { problem: { path, message, found: wanted } }),
      ...(message === undefined && typeof alias !== 'string' && name !== key
        ? {
            remark: `is called '${name}' here, because its key has characters that tool names may not have; 'alias' gives it another name`,
          }
        : {}),
    });
  }
  return entries.flatMap(({ key }) => named.get(key) ?? []);
}

/** A name that none of `taken` (in lower case) has, as near to `wanted` as it can be. */
export function freeServerName(wanted: string, taken: ReadonlySet<string>): string {
  return freeName(nameFromKey(wanted), taken);
}

function nameFault(name: string, taken: ReadonlySet<string>): string | undefined {
  if (name.length > MAX_LENGTH) {
    return `the name '${name}' has ${name.length} characters; at most ${MAX_LENGTH} leave room for its tools' names. Set a shorter 'alias'`;
  }
  if (!NAME.test(name)) {
    return `'${name}' is no name for a server: letters, digits, '-' and single '_', beginning with a letter or digit. Set an 'alias'`;
  }
  if (name.toLowerCase() === RESERVED_NAME) {
    return `the name '${name}' is the host's own. Rename the entry or set an 'alias'`;
  }
  if (taken.has(name.toLowerCase())) return `another server has the name '${name}'. Set another 'alias'`;
  return undefined;
}

/** `github.com/owner/server` → `github_com_owner_server` */
function nameFromKey(key: string): string {
  if (NAME.test(key)) return key;
  return key
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9-]+/g, '_')
    .replaceAll(/^[_-]+|[_-]+$/g, '');
}

function freeName(base: string, taken: ReadonlySet<string>): string {
  const stem = base.slice(0, MAX_LENGTH) || 'server';
  if (!taken.has(stem.toLowerCase()) && stem.toLowerCase() !== RESERVED_NAME) return stem;
  for (let number = 2; ; number += 1) {
    const name = `${stem.slice(0, MAX_LENGTH - 1 - String(number).length)}-${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}
