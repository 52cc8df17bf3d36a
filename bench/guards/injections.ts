/** How many injections are found, beside a regular expression of key words, at a share of benign texts. */
import { INJECTION_THRESHOLD, injectionSigns } from '../../src/host/guard/injection-signs.ts';
import { printTable } from '../report.ts';
import { attacks, type Context, contexts, half, labelled, type Labelled } from './data.ts';

type Score = (text: string) => number;

/** The floor that the data's description names. */
const KEYWORDS =
  /\b(ignore|disregard|forget|override)\b.{0,40}\b(previous|above|prior|all|instructions?|prompt)\b/is;
const keywords: Score = (text) => (KEYWORDS.test(text) ? 1 : 0);
const ours: Score = (text) => injectionSigns(text).score;

const CONTEXTS_FOR_AN_ATTACK = 4;
const PLACES = ['start', 'middle', 'end'] as const;

export function measureInjections(): void {
  const deepset = labelled('deepset_train.jsonl');
  if (deepset === undefined) return;
  const threshold = INJECTION_THRESHOLD;
  const benign = half(deepset, 0).filter(({ isInjection }) => !isInjection);
  const falsely = benign.filter(({ text }) => ours(text) >= threshold).length;
  console.log(
    `The guard's threshold, ${threshold}, was chosen on half 0 of deepset, where ${falsely} of ${benign.length} benign texts reach it. ` +
      'Patterns were made with half 0 in sight; of half 1 the counts were seen, and some clean contexts of BIPIA. Many texts are in both halves, once in English and once in German.',
  );
  const sets: readonly (readonly [string, readonly Labelled[] | undefined])[] = [
    ['deepset, half 0 (seen)', half(deepset, 0)],
    ['deepset, half 1', half(deepset, 1)],
    ['injecguard (smoke)', labelled('injecguard_valid.jsonl')],
    ['cyberseceval', labelled('cyberseceval_prompt_injection.jsonl')],
  ];
  printTable(
    ['set', 'found', 'recall', 'false', 'key words found', 'recall', 'false'],
    sets.flatMap(([name, rows]) =>
      rows === undefined ? [] : [[name, ...judged(rows, ours, threshold), ...judged(rows, keywords, 1)]],
    ),
  );
  measurePlanted(threshold);
}

function judged(rows: readonly Labelled[], score: Score, threshold: number): readonly string[] {
  const [found, benign] = [true, false].map((wanted) => {
    const of = rows.filter(({ isInjection }) => isInjection === wanted);
    return { of: of.length, hits: of.filter(({ text }) => score(text) >= threshold).length };
  });
  if (found === undefined || benign === undefined) return [];
  return [
    `${found.hits} of ${found.of}`,
    (found.hits / found.of).toFixed(3),
    benign.of === 0 ? '–' : `${benign.hits} of ${benign.of}`,
  ];
}

/** Attacks of BIPIA in its own contexts: text in emails and tables, code in code. */
function measurePlanted(threshold: number): void {
  const all = contexts();
  const planted = attacks();
  if (all === undefined || planted === undefined) return;
  console.log(
    '\nBIPIA: each attack planted in contexts, on a line of its own; half 1 of attacks and of contexts.',
  );
  const rows = (['email', 'table', 'code'] as const).flatMap((task) => {
    const clean = half(
      all.filter((context) => context.task === task),
      1,
    );
    const texts = half(
      planted.filter(({ isCode }) => isCode === (task === 'code')),
      1,
    ).map(({ text }) => text);
    return PLACES.map((place) => plantedRow(task, place, clean, texts, threshold));
  });
  const clean = (['email', 'table', 'code'] as const).flatMap((task) =>
    half(
      all.filter((context) => context.task === task),
      1,
    ),
  );
  const falsely = clean.filter(({ text }) => ours(text) >= threshold).length;
  printTable(['context', 'place', 'found', 'recall', 'key words', 'clean taken for one', 'key words'], rows);
  console.log(
    `Of all clean contexts ${falsely} of ${clean.length} (${((falsely / clean.length) * 100).toFixed(1)}%) are taken for one. The tables hold no prose ` +
      'of their own, so that a sentence between their rows stands out by its form alone.',
  );
}

function plantedRow(
  task: string,
  place: (typeof PLACES)[number],
  clean: readonly Context[],
  texts: readonly string[],
  threshold: number,
): readonly string[] {
  const cases = texts.flatMap((attack, index) =>
    Array.from({ length: CONTEXTS_FOR_AN_ATTACK }, (_, turn) => {
      const context = clean[(index * 7 + turn * 5 + PLACES.indexOf(place)) % clean.length];
      return plant(context?.text ?? '', attack, place);
    }),
  );
  const found = cases.filter((text) => ours(text) >= threshold).length;
  const floor = cases.filter((text) => keywords(text) >= 1).length;
  const falsely = (score: Score, limit: number): string =>
    `${clean.filter(({ text }) => score(text) >= limit).length} of ${clean.length}`;
  return [
    task,
    place,
    `${found} of ${cases.length}`,
    (found / cases.length).toFixed(3),
    (floor / cases.length).toFixed(3),
    falsely(ours, threshold),
    falsely(keywords, 1),
  ];
}

function plant(text: string, attack: string, place: (typeof PLACES)[number]): string {
  if (place === 'start') return `${attack}\n${text}`;
  if (place === 'end') return `${text}\n${attack}`;
  const lines = text.split('\n');
  if (lines.length > 1) return lines.toSpliced(Math.floor(lines.length / 2), 0, attack).join('\n');
  const middle = text.indexOf(' ', text.length / 2);
  const at = middle === -1 ? text.length : middle;
  return `${text.slice(0, at)}\n${attack}\n${text.slice(at)}`;
}
