import type { AlwaysScope, ApprovalQuestion } from '../tool-call/policy.ts';

export interface AlwaysKey {
  readonly key: 'a' | 's' | 'w';
  readonly scope: AlwaysScope;
  readonly label: string;
}

const KEYS: readonly AlwaysKey[] = [
  { key: 'a', scope: 'folder', label: 'always here' },
  { key: 's', scope: 'session', label: 'in this session' },
  { key: 'w', scope: 'person', label: 'everywhere' },
];

/** The keys that answer a question for good, in the order in which they are shown. */
export function alwaysKeys({ always }: ApprovalQuestion): readonly AlwaysKey[] {
  return KEYS.filter(({ scope }) => always?.scopes.includes(scope));
}

/** What they mean, in a line or two; undefined where none is offered. */
export function alwaysMeaning(question: ApprovalQuestion): string | undefined {
  const { always } = question;
  if (always === undefined) return undefined;
  return `${alwaysKeys(question)
    .map(({ key }) => key)
    .join(', ')}: ${always.meaning}`;
}
