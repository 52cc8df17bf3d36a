/** All finders together, each loaded when one of its kinds is wanted. */
import type { PiiEntity } from '../../../config/guard-settings.ts';
import type { PiiFinder, PiiSpan } from './span.ts';

/** Of overlapping spans the one of the surer kind stays, then the longer one. */
const SUREST_FIRST: readonly PiiEntity[] = [
  'email',
  'url',
  'iban',
  'credit-card',
  'us-ssn',
  'ip-address',
  'us-driver-license',
  'street-address',
  'phone',
  'date',
  'zip-code',
  'age',
  'title',
  'nationality',
  'organization',
  'place',
  'person',
];

export async function loadPiiFinder(entities: readonly PiiEntity[]): Promise<PiiFinder> {
  const wanted = new Set(entities);
  const finders: PiiFinder[] = [];
  const numbers = await import('./numbers.ts');
  const simple: readonly (readonly [PiiEntity, PiiFinder])[] = [
    ['email', numbers.emails],
    ['url', numbers.urls],
    ['iban', numbers.ibans],
    ['credit-card', numbers.creditCards],
    ['us-ssn', numbers.socialSecurityNumbers],
    ['ip-address', numbers.ipAddresses],
    ['us-driver-license', numbers.driverLicenses],
    ['date', numbers.dates],
    ['age', numbers.ages],
    ['zip-code', numbers.zipCodes],
  ];
  for (const [entity, find] of simple) if (wanted.has(entity)) finders.push(find);
  if (wanted.has('phone')) finders.push((await import('./phones.ts')).phones);
  if (wanted.has('street-address')) finders.push((await import('./addresses.ts')).streetAddresses);
  if (
    ['person', 'organization', 'place', 'nationality', 'title'].some((name) => wanted.has(name as PiiEntity))
  ) {
    finders.push(...(await import('./names.ts')).names);
  }
  const findIn = (text: string): PiiSpan[] =>
    finders.flatMap((find) => find(text)).filter(({ entity }) => wanted.has(entity));
  return (text) => apart(windows(text).flatMap(({ start, piece }) => shifted(findIn(piece), start)));
}

/**
 * Grammar and names take time that grows with the square of a text that was made for it. In windows it grows with the text;
 * what lies across a border is whole in the next one.
 */
const WINDOW_LENGTH = 2_000;
const OVERLAP_LENGTH = 300;

function windows(text: string): readonly { readonly start: number; readonly piece: string }[] {
  const found: { start: number; piece: string }[] = [];
  for (let start = 0; start === 0 || start + OVERLAP_LENGTH < text.length; ) {
    const end = wordEnd(text, start + WINDOW_LENGTH);
    found.push({ start, piece: text.slice(start, end) });
    if (end >= text.length) break;
    start = wordEnd(text, end - OVERLAP_LENGTH);
  }
  return found;
}

/** The next border between words, where one is near. */
function wordEnd(text: string, at: number): number {
  const near = /\s/.exec(text.slice(at, at + 100));
  return at + (near?.index ?? 0);
}

function shifted(spans: readonly PiiSpan[], by: number): PiiSpan[] {
  return spans.map(({ entity, start, end }) => ({ entity, start: start + by, end: end + by }));
}

function apart(spans: readonly PiiSpan[]): PiiSpan[] {
  const rank = new Map(SUREST_FIRST.map((entity, index) => [entity, index]));
  // Sorting keeps the order of equals: of one kind, what was found first, then what is longer.
  const byRank = [...spans].sort(
    (a, b) => (rank.get(a.entity) ?? 0) - (rank.get(b.entity) ?? 0) || b.end - b.start - (a.end - a.start),
  );
  const kept: PiiSpan[] = [];
  for (const span of byRank) {
    if (kept.every((other) => span.end <= other.start || span.start >= other.end)) kept.push(span);
  }
  return kept.sort((a, b) => a.start - b.start);
}
