/** Takes secrets out of whatever is about to be written: those that are known exactly, and what has a secret's shape. */
import { isJsonObject, type Json } from '../../json.ts';

const MASK = '[redacted]';
const MAX_REMEMBERED_KEYS = 1000;

export interface Redactor {
  text(text: string): string;
  /** A copy; keys are redacted as well, and texts under a key that names a secret are masked whole. */
  value(value: Json): Json;
}

export function createRedactor(secrets: readonly string[]): Redactor {
  const exact = exactPattern(secrets);
  const text = (original: string): string => {
    let clean = exact === undefined ? original : original.replace(exact, MASK);
    for (const [shape, replacement] of SHAPES) clean = clean.replace(shape, replacement);
    return clean;
  };
  // The same few keys come again in every line.
  const keys = new Map<string, { readonly clean: string; readonly isSecret: boolean }>();
  const judged = (key: string) => {
    const known = keys.get(key) ?? { clean: text(key), isSecret: namesSecret(key) };
    if (keys.size < MAX_REMEMBERED_KEYS) keys.set(key, known);
    return known;
  };
  const value = (original: Json): Json => {
    if (typeof original === 'string') return text(original);
    if (Array.isArray(original)) return original.map((item: Json) => value(item));
    if (!isJsonObject(original)) return original;
    return Object.fromEntries(
      Object.entries(original).map(([key, inner]) => {
        const { clean, isSecret } = judged(key);
        return [clean, isSecret && typeof inner === 'string' && inner !== '' ? MASK : value(inner)];
      }),
    );
  };
  return { text, value };
}

/** Whether a variable, header, flag or field of this name holds a secret. */
export function namesSecret(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  if (words.some((word) => ALWAYS_SECRET.has(word))) return true;
  const last = words.at(-1);
  if (last === 'key' || last === 'keys') return words.length > 1 && KEY_KINDS.has(words.at(-2) ?? '');
  return last !== undefined && SECRET_AT_END.has(last);
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

const SECRET_WORDS =
  '(?:pass(?:word|wd|phrase)|secret|(?:api|access|private|auth)[-_]?key|(?:access|refresh|auth|id|api)?[-_]?token|authorization|credentials?|cookie)';

/** Well-known shapes. Each is anchored at something rare, so that a long text without secrets costs one pass. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, MASK],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, MASK],
  [/\b(Bearer)\s+[\w.~+/=-]{6,}/gi, `$1 ${MASK}`],
  [/\b(Basic)\s+(?=[\w+/]*[\d=])[\w+/]{6,}=*/gi, `$1 ${MASK}`],
  [
    new RegExp(
      '\\b(?:' +
        [
          '(?:sk|rk|gsk|xai|tvly|pplx|csk|r8|fw)[-_][\\w-]{8,}',
          '(?:sk|pk|rk)_(?:live|test)_\\w{8,}',
          'gh[pousr]_\\w{16,}|github_pat_\\w{16,}|glpat-[\\w-]{16,}',
          'xox[abeoprs]-[\\w-]{8,}|xapp-[\\w-]{8,}',
          '(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}',
          'AIza[\\w-]{20,}|ya29\\.[\\w-]{8,}|GOCSPX-[\\w-]{16,}',
          'npm_\\w{20,}|pypi-[\\w-]{16,}|hf_\\w{16,}|dop_v1_\\w{16,}',
          'SG\\.[\\w-]{12,}\\.[\\w-]{12,}|whsec_\\w{12,}|secret_\\w{20,}|ntn_\\w{20,}|lin_api_\\w{16,}',
        ].join('|') +
        ')',
      'g',
    ),
    MASK,
  ],
  [/(?<=:\/\/)[^/@\s"']{1,400}@/g, `${MASK}@`],
  [new RegExp(`([?&][\\w-]{0,40}(?:${SECRET_WORDS}|key|sig|signature)=)[^&#\\s"']+`, 'gi'), `$1${MASK}`],
  [
    new RegExp(
      `(${SECRET_WORDS}\\\\?["']?\\s{0,4}[:=]\\s{0,4}\\\\?["']?(?:Bearer |Basic )?)(?!\\[redacted)[^\\s"',;&\\\\]{4,}`,
      'gi',
    ),
    `$1${MASK}`,
  ],
];

function exactPattern(secrets: readonly string[]): RegExp | undefined {
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ]);
  const longestFirst = [...new Set(forms)].filter((form) => form !== '').sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return undefined;
  return new RegExp(
    longestFirst.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'g',
  );
}
