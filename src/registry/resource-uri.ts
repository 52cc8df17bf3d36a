/** Which server owns a URI. Where two servers offer the same one, the later is shown under a prefix and mapped back. */

export interface OwnUri {
  readonly server: string;
  readonly uri: string;
}

const PREFIX = 'switchyard://servers/';

/** The URI under which each entry is shown, in the order of the entries, which decides who is the later. */
export function shownUris(
  entries: readonly OwnUri[],
  prefixes: ReadonlyMap<string, string>,
): readonly string[] {
  const owners = new Map<string, string>();
  return entries.map(({ server, uri }) => {
    const owner = owners.get(uri) ?? server;
    owners.set(uri, owner);
    return owner === server ? uri : prefixedUri(prefixes.get(server) ?? server, uri);
  });
}

export function prefixedUri(prefix: string, uri: string): string {
  return `${PREFIX}${prefix}/${uri}`;
}

/** The server and its own URI where the URI names the server itself. */
export function splitPrefixedUri(uri: string, prefixes: ReadonlyMap<string, string>): OwnUri | undefined {
  if (!uri.startsWith(PREFIX)) return undefined;
  for (const [server, prefix] of prefixes) {
    const start = prefixedUri(prefix, '');
    if (uri.startsWith(start)) return { server, uri: uri.slice(start.length) };
  }
  return undefined;
}

/**
 * Whether a URI may come from a template (RFC 6570, levels 1 to 3 and path explosion). The literal length tells a
 * closer template from a wider one; undefined where the URI does not match.
 */
export function matchTemplate(template: string, uri: string): number | undefined {
  let literalLength = 0;
  let pattern = '';
  for (const [, operator = '', names, literal = ''] of template.matchAll(
    /\{([+#./;?&]?)([^}]*)\}|([^{]+)/g,
  )) {
    if (names === undefined) {
      literalLength += literal.length;
      pattern += literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
    } else {
      pattern += EXPRESSIONS[operator] ?? '[^/?#]*';
    }
  }
  return new RegExp(`^${pattern}$`, 's').test(uri) ? literalLength : undefined;
}

const EXPRESSIONS: Readonly<Record<string, string>> = {
  '': '[^/?#]*',
  '+': '.*',
  '#': '(?:#.*)?',
  '.': String.raw`(?:\.[^/?#]*)?`,
  '/': '(?:/[^?#]*)?',
  ';': '(?:;[^/?#]*)*',
  '?': String.raw`(?:\?[^#]*)?`,
  '&': '(?:&[^#]*)?',
};
