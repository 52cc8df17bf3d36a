/** Whether a statement says anew what a known fact says: the same attribute of the same thing, with another value. */
import type { KnownFact } from './operation.ts';
import type { Statement } from './statement.ts';
import { contentWords, difference, shared } from './words.ts';

export type Match =
  | { readonly type: 'known'; readonly fact: KnownFact }
  | { readonly type: 'changed'; readonly fact: KnownFact };

/** The fact that a statement repeats or changes; undefined where it says something of its own. */
export function matchOf(statement: Statement, facts: readonly KnownFact[]): Match | undefined {
  const words = contentWords(statement.text);
  const same = facts.find((fact) => isSame(words, contentWords(fact.text)));
  if (same !== undefined) return { type: 'known', fact: same };
  const [best] = facts
    .map((fact) => ({ fact, strength: changeStrength(statement, words, fact) }))
    .filter(({ strength }) => strength > 0)
    .toSorted((left, right) => right.strength - left.strength);
  return best && { type: 'changed', fact: best.fact };
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return difference(left, right).length === 0 && difference(right, left).length === 0;
}

/** 0: it is about something else. */
function changeStrength(statement: Statement, words: readonly string[], fact: KnownFact): number {
  const known = contentWords(fact.text);
  const common = shared(words, known);
  if (common.length === 0) return 0;
  const added = difference(words, known);
  const removed = difference(known, words);
  const overlap = common.length / Math.min(new Set(words).size, new Set(known).size);
  const { similarity = 0 } = fact;
  if (statement.corrects) {
    const near = overlap >= 0.5 || similarity >= 0.6 || namesEarlierValue(statement.text, known);
    return near ? overlap + similarity + 1 : 0;
  }
  const subject = subjectOf(fact.text);
  if (subject.length >= 2 && isSame(subject, subjectOf(statement.text))) return overlap + similarity + 1;
  if (overlap >= 0.7 && removed.length <= 2 && added.length <= 2 && sameKind(added, removed))
    return overlap + similarity;
  return 0;
}

/** `Thursday instead of Tuesday`, `from Tuesday to Thursday`, `no longer Tuesday`: the fact says what stands after it. */
function namesEarlierValue(text: string, known: readonly string[]): boolean {
  const [, earlier = ''] =
    /\b(?:instead of|rather than|from|no longer|not|statt|anstatt|von|nicht mehr|replaced|replaces)\s+(.{2,40})/i.exec(
      text,
    ) ?? [];
  return shared(contentWords(earlier).slice(0, 3), known).length > 0;
}

const PREDICATE =
  /\b(?:is|are|was|were|has|have|uses?|runs?|lives?|costs?|takes?|starts?|happens?|expires?|belongs?|ist|sind|hat|haben|heißt|liegt|läuft|kostet|dauert|beginnt)\b/i;

/** What stands before the first verb of being or having. */
function subjectOf(text: string): readonly string[] {
  const at = text.search(PREDICATE);
  return at < 0 ? [] : contentWords(text.slice(0, at));
}

function sameKind(left: readonly string[], right: readonly string[]): boolean {
  const kinds = (words: readonly string[]): string => [...new Set(words.map(kindOf))].toSorted().join();
  return left.length > 0 && right.length > 0 && kinds(left) === kinds(right);
}

const DAY =
  /^(?:mon|tues|wednes|thurs|fri|satur|sun)day|^(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)/;

function kindOf(word: string): string {
  if (/\p{N}/u.test(word)) return 'number';
  return DAY.test(word) ? 'day' : 'word';
}
