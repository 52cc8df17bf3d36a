/** Well-known shapes of secrets. Each is anchored at something rare, so that a long text without secrets costs one pass. */
import { namesCursor, secretName } from './names.ts';
import { isPassword, isRandom, isToken } from './plausible.ts';
import type { Secret } from './secret.ts';

interface Shape {
  readonly kind?: string;
  /** Global. Its first group, where there is one, is what stands before the secret and stays. */
  readonly pattern: RegExp;
  /** Whether a match is a secret and not prose or code. Where everything suspicious is masked it is not asked. */
  readonly accept?: (match: ShapeMatch) => boolean;
}

interface ShapeMatch {
  readonly before: string;
  readonly value: string;
  /** The text up to the match. */
  readonly textBefore: (length: number) => string;
}

export function findByShape(text: string, isStrict: boolean): Secret[] {
  const found: Secret[] = [];
  for (const { pattern, kind, accept } of SHAPES) {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const before = match[1] ?? '';
      const { index } = match;
      const value = match[0].slice(before.length);
      const textBefore = (length: number): string => text.slice(Math.max(0, index - length), index);
      if (!isStrict && accept?.({ before, value, textBefore }) === false) continue;
      const start = index + before.length;
      found.push({ start, end: start + value.length, ...(kind === undefined ? {} : { kind }) });
    }
  }
  return found;
}

const SECRET_WORDS =
  '(?:pass(?:word|wd|phrase)|secret|(?:api|access|private|auth)[-_]?key|(?:access|refresh|auth|id|api)?[-_]?token|authorization|credentials?|cookie)';

const SHAPES: readonly Shape[] = [
  {
    kind: 'private-key',
    pattern:
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=:,.\s\\-]{0,16000}?-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=:,.\s\\-]{0,16000})/g,
  },
  { kind: 'jwt', pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g },
  {
    kind: 'bearer',
    pattern: /(\bBearer\s{1,4})[\w.~+/=-]{6,}/gi,
    accept: ({ value }) => value.length >= 8 && /\d/.test(value),
  },
  {
    kind: 'basic-auth',
    pattern: /(\bBasic\s{1,4})(?=[\w+/]*[\d=])[\w+/]{6,}=*/gi,
    accept: ({ value }) =>
      /^[\x20-\x7e]+:[\x20-\x7e]*$/.test(Buffer.from(value, 'base64').toString('latin1')),
  },
  token('anthropic-key', 'sk-ant-[\\w-]{8,}'),
  token('api-key', '(?:sk|rk|gsk|xai|tvly|pplx|csk|r8|fw)[-_][\\w-]{8,}', isLongToken),
  token('stripe-key', '(?:sk|pk|rk)_(?:live|test)_\\w{8,}'),
  token('github-token', '(?:gh[pousr]_\\w{16,}|github_pat_\\w{16,})', () => true),
  token('switchyard-token', 'swy_[2-9a-z]{8}_[\\w-]{43}(?![\\w-])', () => true),
  token('gitlab-token', 'glpat-[\\w-]{16,}', () => true),
  token('slack-token', '(?:xox[abeoprs]-[\\w-]{8,}|xapp-[\\w-]{8,})'),
  token('aws-access-key', '(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])', () => true),
  token('google-key', '(?:AIza[\\w-]{20,}|ya29\\.[\\w-]{8,}|GOCSPX-[\\w-]{16,})'),
  token('registry-token', '(?:npm_\\w{20,}|pypi-[\\w-]{16,}|dckr_pat_[\\w-]{16,})'),
  token(
    'api-key',
    '(?:hf_\\w{16,}|dop_v1_\\w{16,}|secret_\\w{20,}|ntn_\\w{20,}|lin_api_\\w{16,}|whsec_\\w{12,})',
  ),
  token('sendgrid-key', 'SG\\.[\\w-]{12,}\\.[\\w-]{12,}', () => true),
  {
    kind: 'credentials',
    pattern: /(?<=:\/\/)[^/@\s"'`<>]{1,400}(?=@)/g,
    accept: ({ value }) => isUserAndPassword(value) || isToken(value),
  },
  {
    pattern: new RegExp(
      `([?&#][\\w-]{0,40}(?:${SECRET_WORDS}|key|sig|signature)=)[^&#\\s"'\`<>)\\]]{3,}`,
      'gi',
    ),
    accept: ({ before, value }) =>
      !namesCursor(before.slice(1, -1)) &&
      (isToken(value) || (value.length >= 8 && /\d/.test(value) && /[a-z]/i.test(value))),
  },
  {
    pattern: new RegExp(
      `(${SECRET_WORDS}\\\\?["']?\\s{0,4}(?::=|=>|[:=])\\s{0,4}\\\\?["'\`])(?!\\[redacted)[^"'\`\\\\\\n]{4,400}`,
      'gi',
    ),
    accept: (match) => isNamed(match, true),
  },
  {
    pattern: new RegExp(
      `(${SECRET_WORDS}\\\\?["']?\\s{0,4}(?::=|=>|[:=])\\s{0,4}(?:Bearer |Basic )?)(?!\\[redacted)[^\\s"'\`,;&\\\\]{4,}`,
      'gi',
    ),
    accept: (match) => isNamed(match, /[A-Z]\s?=$/.test(match.before)),
  },
];

/** `rest` is what begins with a well-known prefix; by default its value must be random. */
function token(kind: string, rest: string, accept: (value: string) => boolean = isRandom): Shape {
  return { kind, pattern: new RegExp(`\\b${rest}`, 'g'), accept: ({ value }) => accept(value) };
}

/** Behind a prefix of two letters even a file name may stand. */
function isLongToken(value: string): boolean {
  return (
    value.length >= 19 && isRandom(value.slice(3)) && !/^[a-z]+(?:[-_][a-z\d]{1,9})+$/.test(value.slice(3))
  );
}

/** A user alone, as in `ssh://git@…`, is no secret. */
function isUserAndPassword(value: string): boolean {
  const [, password] = /^[^:]*:(.+)$/.exec(value) ?? [];
  return (
    password !== undefined && !/^(?:\$|<|\{|%[^\dA-F]|\*|\[redacted|x{3,}|pass(?:word)?$)/i.test(password)
  );
}

/** The name as it stands in the text, its beginning included, decides how much its value must look like a secret. */
function isNamed({ before, value, textBefore }: ShapeMatch, isQuoted: boolean): boolean {
  const [beginning = ''] = /[\w-]*$/.exec(textBefore(60)) ?? [];
  const [rest = ''] = /^[\w-]+/.exec(before) ?? [];
  const name = beginning + rest;
  if (namesCursor(name)) return false;
  return secretName(name) === 'always' ? isPassword(value, isQuoted) : isToken(value);
}
