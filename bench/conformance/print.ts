import { printTable, printVersions } from '../report.ts';
import { NOT_SPOKEN } from './client-suite.ts';
import type { Counts, Found, Lost } from './compare.ts';

export interface Row {
  readonly requirements: string;
  readonly target: string;
  readonly counts: Counts;
  /** Of what the same requirements find directly. */
  readonly lost: readonly Lost[];
}

/** Scored failures that no exception is for, and what passes directly and not here: each of them once. */
export function failuresOf({ counts, lost }: Row): readonly Found[] {
  const known = new Set(lost.map(placeOf));
  const others = counts.scoredFailures.filter((one) => !known.has(placeOf(one)));
  return [...others, ...lost.filter(({ exception }) => exception === undefined)];
}

export function printRows(rows: readonly Row[]): void {
  printVersions();
  printTable(
    ['requirements', 'against', 'scenarios', 'scored', 'checks', 'passed', 'failed', 'lost', 'excepted'],
    rows.map((row) => {
      const { requirements, target, counts, lost } = row;
      const lostFor = (excepted: boolean) =>
        lost.filter(({ exception }) => (exception !== undefined) === excepted).length;
      const failed = counts.scoredFailures.length - exceptedFailures(row);
      return [
        requirements,
        target,
        ...[counts.scenarios, counts.scored, counts.checks, counts.passed].map(String),
        ...[failed, lostFor(false), lostFor(true)].map(String),
      ];
    }),
  );
  console.log(
    '\nfailed: checks of scored scenarios; lost: checks that pass directly and not here; excepted: the same, with a reason',
  );
  for (const row of rows) printFound(row);
}

function exceptedFailures({ counts, lost }: Row): number {
  const excepted = new Set(lost.filter(({ exception }) => exception !== undefined).map(placeOf));
  return counts.scoredFailures.filter((one) => excepted.has(placeOf(one))).length;
}

function printFound(row: Row): void {
  const { requirements, target, counts, lost } = row;
  const sections: readonly (readonly [string, readonly Found[]])[] = [
    ['failed or lost', failuresOf(row)],
    ['excepted', lost.flatMap(excepted)],
    ['warnings', counts.warnings],
  ];
  for (const [title, found] of sections) {
    if (found.length === 0) continue;
    console.log(`\n${requirements}, ${target}: ${title}`);
    for (const { scenario, check, message } of found)
      console.log(`  ${scenario}: ${check}${message === '' ? '' : `: ${message}`}`);
  }
  const unscored = Map.groupBy(counts.unscoredFailures, ({ scenario }) => scenario);
  if (unscored.size === 0) return;
  const told = [...unscored].map(([name, found]) => {
    const reason = NOT_SPOKEN[name];
    return `${name} ${found.length}${reason === undefined ? '' : ` (${reason})`}`;
  });
  console.log(`\n${requirements}, ${target}: unscored and failed, checks: ${told.join(', ')}`);
}

function excepted({ exception, ...found }: Lost): readonly Found[] {
  if (exception === undefined) return [];
  const { why, quote, source } = exception;
  return [{ ...found, message: `${why} "${quote}" (${source})` }];
}

function placeOf({ scenario, check }: Found): string {
  return `${scenario} ${check}`;
}
