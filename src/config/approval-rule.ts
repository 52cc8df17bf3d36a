/** One of `approvals`: what it speaks of, and what becomes of such a call. All that a rule names must fit. */
export interface ApprovalRule {
  /** A glob over names of servers. */
  readonly server?: string;
  /** A glob over the tool's name in the catalog and `server__tool`; beside `server` also over the server's own name for it. */
  readonly tool?: string;
  readonly annotation?: ApprovalAnnotation;
  /** RE2 patterns by name of an argument or by JSON pointer (RFC 6901). An argument that is not there fits none. */
  readonly arguments?: Readonly<Record<string, string>>;
  readonly decision: 'allow' | 'ask' | 'deny';
  /** For the person who is asked, and for the model that is denied. */
  readonly reason?: string;
}

export const APPROVAL_ANNOTATIONS = [
  'read-only',
  'not-read-only',
  'destructive',
  'not-destructive',
  'idempotent',
  'not-idempotent',
  'open-world',
  'not-open-world',
] as const;

export type ApprovalAnnotation = (typeof APPROVAL_ANNOTATIONS)[number];

/** A rule in a few words: `deny filesystem__write_file where path fits ^/etc/`. */
export function ruleText(rule: ApprovalRule): string {
  const { server, tool, annotation, arguments: patterns = {}, decision } = rule;
  const subject = [
    ...(annotation === undefined ? [] : [annotation]),
    tool ?? 'every tool',
    ...(server === undefined ? [] : [`of ${server}`]),
  ].join(' ');
  const conditions = Object.entries(patterns).map(([name, pattern]) => `${name} fits ${pattern}`);
  return `${decision} ${subject}${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`}`;
}
