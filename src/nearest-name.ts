/** Names that somebody else made up, in what is said of them: however long they are, they cost little. */
import { closest } from 'fastest-levenshtein';

/** Longer than any name that is meant. */
const MAX_LENGTH = 256;

/** By the beginning of a long name: the time to compare grows with the product of both lengths. */
export function nearestName(name: string, names: readonly string[]): string {
  const beginnings = names.map((one) => one.slice(0, MAX_LENGTH));
  const nearest = closest(name.slice(0, MAX_LENGTH), beginnings);
  return names[beginnings.indexOf(nearest)] ?? nearest;
}

export function shownName(name: string): string {
  return name.length <= MAX_LENGTH ? name : `${name.slice(0, MAX_LENGTH)}…`;
}
