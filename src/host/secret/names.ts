/** Which names of variables, headers, flags and fields stand before a secret. */

/**
 * `always`: whatever has this name is secret (a password). `likely`: it is where the value looks like one; a `token` may
 * also be a word of a sentence.
 */
export type NameStrength = 'always' | 'likely';

export function secretName(name: string): NameStrength | undefined {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  if (words.some((word) => ALWAYS_SECRET.has(word))) return 'always';
  const last = words.at(-1);
  if (last === undefined) return undefined;
  if (last === 'key' || last === 'keys') {
    return words.length > 1 && KEY_KINDS.has(words.at(-2) ?? '') ? 'always' : undefined;
  }
  return SECRET_AT_END.has(last) ? 'likely' : undefined;
}

export function namesSecret(name: string): boolean {
  return secretName(name) !== undefined;
}

/** A token that says where to go on in a list, or what belongs together; whoever masks it breaks paging. */
export function namesCursor(name: string): boolean {
  return /(?:page|next|sync|continuation|cursor|progress|cancel(?:lation)?|resume|delta|change)[-_]?token$/i.test(
    name,
  );
}

const ALWAYS_SECRET = new Set(
  'password passwd passphrase secret secrets credential credentials apikey authorization cookie cookies'.split(
    ' ',
  ),
);
const SECRET_AT_END = new Set('token pat dsn auth bearer jwt pwd pass accesstoken authtoken'.split(' '));
/** A `key` alone is mostly the key of a map. */
const KEY_KINDS = new Set(
  'api access private secret auth service account signing encryption master license'.split(' '),
);
