/** What a request names by itself: addresses, paths, quoted words. A small model makes such things up unless it must copy. */

export interface Literals {
  readonly urls: readonly string[];
  /** Paths, file names, patterns; quoted words, which may be any of these. */
  readonly names: readonly string[];
  /** What looks like an identifier: it has a digit in it. */
  readonly ids: readonly string[];
}

export function literalsOf(request: string): Literals {
  const urls = matches(request, URLS).map((url) => url.replace(/[.,;:!?)\]]+$/, ''));
  const rest = request.replaceAll(URLS, ' ');
  const quoted = [...rest.matchAll(QUOTED)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? '',
  );
  const unquoted = rest.replaceAll(QUOTED, ' ');
  const words = unquoted.split(/\s+/).map((word) => word.replaceAll(/^[([{]+|[.,;:!?)\]}]+$/g, ''));
  const paths = words.filter((word) => PATH.test(word) && !NUMBER.test(word));
  const folders = [...unquoted.matchAll(FOLDER_NAMED), ...unquoted.matchAll(NAMED_FOLDER)]
    .map((match) => match[1] ?? '')
    .filter((word) => !NO_NAME.has(word.toLowerCase()));
  return {
    urls: unique(urls),
    names: unique([...quoted, ...paths, ...folders]),
    ids: unique([...quoted, ...words].filter((word) => /\d/.test(word) && word.length >= SHORTEST_ID)),
  };
}

const URLS = /https?:\/\/[^\s<>"'`]+/gi;
const QUOTED = /"([^"\n]+)"|`([^`\n]+)`|“([^”\n]+)”|(?<=^|\s)'([^'\n]+)'(?=[\s.,;:!?]|$)/g;
/** With a slash or a wildcard between its characters, or with an extension. */
const PATH = /^(~|\.{1,2}|[\w.*?@-]+)?[\\/][\w./\\*?@-]*$|^[\w*?-][\w.*?-]*\.[a-z]\w{0,5}$|\*/i;
const SHORTEST_ID = 5;
const NUMBER = /^[\d.,/]+$/;
const FOLDER_NAMED = /\b(?:folder|directory)\s+(?:named\s+|called\s+)?([\w-]+)/gi;
const NAMED_FOLDER = /\b([\w-]+)\s+(?:folder|directory)\b/gi;
/** Words beside "folder" that are no name of one. */
const NO_NAME = new Set(
  'a an and any are as at by can contain contains current do does each every for from has have hold holds home in is it its my of on or our parent project root same some that the their there this to was what where which whose with working your'.split(
    ' ',
  ),
);

function matches(text: string, pattern: RegExp): readonly string[] {
  return text.match(pattern) ?? [];
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== ''))];
}
