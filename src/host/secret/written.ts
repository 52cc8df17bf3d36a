/** What of a server's entry, as a person wrote it for another client, is a secret that must not be copied in clear. */
import type { SecretDetector } from './detector.ts';
import { namesCursor, secretName } from './names.ts';
import { isRandom } from './plausible.ts';
import type { Secret } from './secret.ts';

/**
 * In order, not overlapping. `name` is that of the variable, header or flag whose value the text is. Errs on the side of
 * secrets: one too many costs a person a variable, one too few stands in a file that may be shared.
 */
export function findWritten(
  detector: Pick<SecretDetector, 'find'>,
  text: string,
  name?: string,
): readonly Secret[] {
  if (text.trim() === '') return [];
  const [scheme] = /^\s*(?:(?:Bearer|Basic|Token|ApiKey)\s+)?/i.exec(text) ?? [''];
  const whole = { start: scheme.length, end: text.length };
  if (name !== undefined && isNamedSecret(name, text.slice(scheme.length))) return [whole];
  const found = [...findParameters(text), ...detector.find(text).map((secret) => wholeToken(text, secret))];
  const isNoToken = isPath(text) || (name !== undefined && /(?:^|[-_])id$/i.test(name));
  const others = isNoToken
    ? []
    : findTokens(text).filter((token) => !found.some((one) => overlap(one, token)));
  return withoutOverlaps([...found, ...others].sort((a, b) => a.start - b.start));
}

function isNamedSecret(name: string, value: string): boolean {
  if (value === '' || namesCursor(name)) return false;
  switch (secretName(name)) {
    case 'always':
      return !/^(?:true|false)$/i.test(value) && !(isPath(value) && (isFileName(name) || isUsualPath(value)));
    case 'likely':
      return value.length >= 6 && !/^(?:[a-z]+|[\d.]+)$/i.test(value) && !isPath(value);
    default:
      return (
        /^key$/i.test(name) && value.length >= 8 && /\d/.test(value) && /[a-z]/i.test(value) && !isPath(value)
      );
  }
}

function isFileName(name: string): boolean {
  return /(?:file|path|dir|folder|home|credentials)$/i.test(name);
}

/** `?api_key=…` */
function findParameters(text: string): Secret[] {
  return [...text.matchAll(/[?&]([^=&#\s]+)=([^&#\s]+)/g)].flatMap(
    ({ 0: whole, 1: name = '', 2: value = '', index }) => {
      const end = index + whole.length;
      const isSecret = isNamedSecret(name, value) || (name === 'key' && value.length >= 6);
      return isSecret ? [{ start: end - value.length, end }] : [];
    },
  );
}

/**
 * Of `me:word@host` the word alone: whoever sets a variable knows what it is. Of anything else the token to its end, where a
 * rule knows its beginning only.
 */
function wholeToken(text: string, secret: Secret): Secret {
  if (secret.kind !== 'credentials') return toItsEnd(text, secret);
  const colon = text.slice(secret.start, secret.end).indexOf(':');
  return colon >= 0 ? { ...secret, start: secret.start + colon + 1 } : secret;
}

function toItsEnd(text: string, secret: Secret): Secret {
  const [rest = ''] = /^[\w=.~+-]*/.exec(text.slice(secret.end)) ?? [];
  return { ...secret, end: secret.end + rest.length };
}

/** Parts that no rule knows and that nobody would think up: a key in the path of an address, an argument. */
function findTokens(text: string): Secret[] {
  // Digests, and commits of a repository.
  if (/sha(?:256|512)[:-]|^(?:git\+|git(?:hub|lab):)|#[0-9a-f]{7,40}$/i.test(text)) return [];
  return [...text.matchAll(/[^/?&=#\s,;"'@]+/g)].flatMap(({ 0: part, index }) =>
    isUnknownToken(part) ? [toItsEnd(text, { start: index, end: index + part.length })] : [],
  );
}

/** Names, versions and ids consist of short pieces; a token has a long one. */
function isUnknownToken(part: string): boolean {
  return part.split(/[^A-Za-z0-9+]/).some((piece) => piece.length >= 16 && isRandom(piece));
}

function isPath(text: string): boolean {
  if (!/^(?:~|\.{1,2}|[A-Za-z]:)?[/\\]/.test(text)) return false;
  return text.split(/[/\\]/).some((part) => part !== '' && part.length < 30 && !isUnknownToken(part));
}

/** A key in base64 may begin with a slash as well: a path begins in a usual place, or ends with the name of a file. */
function isUsualPath(text: string): boolean {
  return (
    /^(?:~|\.{1,2}|[A-Za-z]:)[/\\]/.test(text) ||
    /^\/(?:app|data|etc|home|media|mnt|opt|private|root|run|srv|tmp|usr|Users|var|Volumes|workspaces?)\//.test(
      text,
    ) ||
    /\.[a-z]{2,5}$/.test(text)
  );
}

function overlap(a: Secret, b: Secret): boolean {
  return a.start < b.end && b.start < a.end;
}

function withoutOverlaps(found: readonly Secret[]): Secret[] {
  const kept: Secret[] = [];
  for (const secret of found) {
    const last = kept.at(-1);
    if (last === undefined || secret.start >= last.end) kept.push(secret);
    else kept[kept.length - 1] = { start: last.start, end: Math.max(last.end, secret.end) };
  }
  return kept;
}
