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
    // Two people may live in one town: what is said of the one does not change the other.
    const told = topicsOf(statement.text).some((topic) => difference(topic, known).length === 0);
    const earlier = namesEarlierValue(statement.text, known);
    if (!told && !(earlier && common.length > 1)) return 0;
    return (told ? 1 : 0) + (earlier ? 1 : 0) + overlap + similarity;
  }
  const subject = subjectOf(fact.text);
  const own = subjectOf(statement.text);
  if (subject.length === 0 && own.length === 0)
    return overlap >= 0.5 && hasOneValue(statement.text, added, removed) ? overlap + similarity : 0;
  if (!isSame(subject, own)) return 0;
  const isSmall = removed.length <= 2 && added.length <= 2 && sameKind(added, removed);
  return subject.length >= 2 || (overlap >= 0.6 && isSmall) ? overlap + similarity + 1 : 0;
}

/** `We moved the login service to …`, `Petra has taken over the release notes`, `Für Zeiterfassung nehmen wir …` */
const TOPICS = [
  /\b(?:we|i|they) (?:have |['’]ve |had )?(?:\w+ed|put|took) (.{2,40}?)(?= (?:to|from|onto|on|in|by|for)\b|[,.;]|$)/i,
  /\b(?:taken? over|took over|looks? after|takes? care of|in charge of|responsible for|limit for|stop using) (.{2,40}?)(?= (?:from|for|is|was|has|will|to)\b|[,.;]|$)/i,
  /\b(?:rather have|prefer) (.{2,40}?)(?= (?:in|as|with|over|to)\b|[,.;]|$)/i,
  /\b(?:have|has|got|hired) a new (.{2,40}?)(?= (?:is|from|since)\b|[,.:;]|$)/i,
  /\bof (\p{Lu}\p{L}+)/u,
  /\b(?:für|bei|um) (\p{Lu}\p{L}+)/iu,
];

/** What a statement may be about: its subject, and what stands in the place of an object. */
function topicsOf(text: string): readonly (readonly string[])[] {
  const objects = TOPICS.map((pattern) => contentWords(pattern.exec(text)?.[1] ?? ''));
  return [subjectOf(text.replace(/^[^:]{1,30}:\s/, '')), ...objects].filter((words) => words.length > 0);
}

/** `Thursday instead of Tuesday`, `from Tuesday to Thursday`, `no longer Tuesday`: the fact says what stands after it. */
function namesEarlierValue(text: string, known: readonly string[]): boolean {
  const [, earlier = ''] =
    /\b(?:instead of|rather than|from|no longer|(?<=, )not|statt|anstatt|von|nicht mehr|replaced|replaces)\s+(.{2,40})/i.exec(
      text,
    ) ?? [];
  return shared(contentWords(earlier).slice(0, 3), known).length > 0;
}

const PREDICATE =
  /\b(?:is|are|was|were|has|have|had|uses?|runs?|lives?|moved|costs?|takes?|starts?|happens?|expires?|belongs?|listens?|answers?|stands?|hangs?|lies|sits?|works?|deploys?|releases?|meets?|prefers?|likes?|drives?|speaks?|eats?|drinks?|cannot|can|ist|sind|hat|haben|heißt|heißen|liegt|läuft|steht|wohnt|kostet|dauert|beginnt|nutzt|nutzen|arbeitet|mag|wurde|swapped|switched|left|relocated|upgraded|turns|gave|looks|moves|changed)\b/i;
/** `Yaw is the name of my hairdresser` tells of the hairdresser. */
const TURNED_ROUND = /\b(?:is|ist) (?:(?:the|der) name (?:of|von) )?(?:my|our|mein\w*|unser\w*) ([^,.;]+)/i;

/** What a text is about: what stands before its first verb of being, having or doing. */
function subjectOf(text: string): readonly string[] {
  const [, named] = TURNED_ROUND.exec(text) ?? [];
  if (named !== undefined) return contentWords(named);
  const at = text.search(PREDICATE);
  return at < 0 ? [] : contentWords(text.slice(0, at));
}

/** `We deploy on Thursdays`, `I live in Porto`: of such a thing there is one at a time. */
function hasOneValue(text: string, added: readonly string[], removed: readonly string[]): boolean {
  if (added.length !== 1 || removed.length !== 1 || !sameKind(added, removed)) return false;
  return (
    kindOf(added[0] ?? '') !== 'word' || /^(?:i|we|ich|wir) (?:live|work|wohnen?|arbeiten?)\b/i.test(text)
  );
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
