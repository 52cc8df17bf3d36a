/** Whether a value could be a secret at all: ordinary words, code and placeholders are not. */

/** Bits a character, by the frequencies within the text itself. */
function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** The random part of a token behind its prefix: long, mixed, without the regularity of a name. */
export function isRandom(text: string): boolean {
  return (
    /\d/.test(text) && /[A-Za-z]/.test(text) && entropyBits(text) >= Math.min(3, MIN_BITS[text.length] ?? 3)
  );
}

/** Below 16 characters even a random text cannot reach 3 bits a character for sure. */
const MIN_BITS: Readonly<Record<number, number>> = {
  8: 2,
  9: 2,
  10: 2.2,
  11: 2.3,
  12: 2.5,
  13: 2.6,
  14: 2.7,
  15: 2.8,
};

/** A value behind the name of a password: anything that is not code, a type, a word for nothing or a place to fill in. */
export function isPassword(value: string, isQuoted: boolean): boolean {
  if (value.length < 4 || isPlaceholder(value) || isExpression(value) || isName(value, isQuoted))
    return false;
  if (isVersionRange(value)) return false;
  return isQuoted ? true : /\d|[^\w.-]/.test(value) && value.length >= 6 && !isNumber(value);
}

/** A value behind the name of a token: long and random. */
export function isToken(value: string): boolean {
  return value.length >= 12 && !isPlaceholder(value) && !isExpression(value) && isRandom(value);
}

/** Of a package that has the name of a secret, as in `"cookie": "^0.7.1"`. */
function isVersionRange(value: string): boolean {
  return /^[~^]\d+(?:\.\d+){1,2}$/.test(value);
}

function isNumber(value: string): boolean {
  return /^[\d.,:_-]+$/.test(value);
}

const PLACEHOLDER =
  /^(?:string|number|boolean|bool|str|bytes|text|any|unknown|object|null|nil|none|undefined|true|false|required|optional|empty|todo|tbd|changeme|example|placeholder|password|passwd|secret|token|redacted|hidden|masked|include|omit|same-origin)$|^(.)\1*$|your[-_ ]|[-_]here$|^<|>$|^\$|\{\{|^%|^xxx|\*\*\*|\.\.\.|…|\[redacted/i;

function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value);
}

/** The name of a secret in place of one: `OPENAI_API_KEY`, `use-credentials`, and outside of quotes `accessToken`. */
function isName(value: string, isQuoted: boolean): boolean {
  if (!/(?:password|secret|token|key|credentials?|authorization|cookies?)$/i.test(value)) return false;
  return isQuoted
    ? /^(?:[A-Z][A-Z\d]*(?:_[A-Z\d]+)+|[a-z]+-(?:credentials|authorization|cookies?))$/.test(value)
    : /^[\w$]+$/.test(value);
}

/** `process.env.TOKEN`, `getToken()`, `config.auth.token`, `tokens[0]` */
function isExpression(value: string): boolean {
  return /[()[\]{}]|=>|^[!?&]|\?\.|^urn:|^[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+[;,]?$/.test(
    value,
  );
}
