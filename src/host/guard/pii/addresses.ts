/** Postal addresses, mostly of Western forms. */
import { anyOf, matches, type PiiFinder } from './span.ts';

const find = (source: string): PiiFinder => matches('street-address', new RegExp(source, 'gu'));
/** Each word with a small or a capital letter in front. */
const either = (words: string): string =>
  words
    .split(' ')
    .map((word) => word.replace(/^\p{L}/u, (first) => `[${first.toLowerCase()}${first.toUpperCase()}]`))
    .join('|');

const WORD = "\\p{Lu}[\\p{L}.'’-]*";
const WORDS = `(?:${WORD}|\\p{Ll}{1,3}\\.?)(?: (?:${WORD}|\\p{Ll}{1,3}\\.?|\\d{1,5})){0,4}`;
const ENDING = `(?:${either('street st avenue ave road rd boulevard blvd lane ln drive dr court ct place pl square sq terrace way highway hwy parkway pkwy circle trail crescent close alley row walk parade grove gardens')})\\b\\.?`;
const EUROPEAN =
  '(?:stra(?:ß|ss)e|str\\.|weg|platz|allee|gasse|ring|gatan|gata|vägen|vei(?:en)?|vegen|gaten?|gade|vej|straat|laan|gracht|plein|stræti|braut|katu|tie|ufer|damm|hof)';
const STREET = `(?:${either('ulica ul\\. rue via viale piazza calle avenida avda\\. rua corso c/')})`;
const PART = `(?:${either('apt\\. apt apartment suite unit floor room box postbox')}|P\\.? ?O\\.? ?[Bb]ox) ?\\d[\\w-]{0,8}`;
const PLACE = `(?:${WORD}(?: ${WORD}| \\([^)\\n]{1,30}\\)){0,3}|nan|\\d{1,2})`;
/** The place behind a street, with or without a code at its end. */
const TAIL = `(?:,? ?\\n? ?${PART}){0,2}(?:(?:(?:,|,?[ \\n]{1,2})[ \\n]?,? ?${PLACE}){1,4}[ ,\\n]{1,3}\\d{4,6}(?:-\\d{4})?(?!\\d)|(?:,[ \\n]?${PLACE}){1,2}(?![\\p{L}\\d]))?`;

export const streetAddresses: PiiFinder = anyOf(
  // 12 Long Street, and the number of the house behind the street where there are two.
  find(`(?<![\\p{L}\\d-])(?:\\d{1,6} )?\\d{1,6}[a-z]? (?:${WORDS} )?${ENDING}${TAIL}`),
  find(
    `(?<![\\p{L}\\d-])(?!\\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))\\d{1,6} ${WORDS} \\d{1,5}[a-f]?\\b\\.?${TAIL}`,
  ),
  find(
    `(?<![\\p{L}\\d-])(?:\\d{1,6} )?(?:\\p{L}{2,}${EUROPEAN}|${STREET} ${WORDS}) \\d{1,5}[a-z]?\\b\\.?${TAIL}`,
  ),
  find(`(?<![\\p{L}\\d-])\\d{1,6} ${STREET} ${WORDS}${TAIL}`),
  find(`\\b(?:PSC|Unit) \\d{1,5},? Box \\d{1,5}[, \\n]{1,3}[AFD]PO,? A[AEP],? \\d{5}\\b`),
  find(`\\b(?:USNV|USS|USNS) \\p{L}{1,30}[, \\n]{1,3}FPO,? A[AEP],? \\d{5}\\b`),
  find(`(?<![\\p{L}])(?:\\d{1,6} )?${PART}(?![\\w-])${TAIL}`),
  find(`\\bthe corner of (?:${WORD} ?|\\d{1,5} ){1,4}and (?:${WORD} ?){1,4}`),
);
