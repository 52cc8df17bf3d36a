import { printTable } from '../report.ts';
import { CUT_CLASSES, type CutClass } from './cut.ts';
import type { Group, Verdict } from './judge.ts';

const HEADING = ['kills', 'runs', 'calls', 'doubled', 'lost', 'uncertain expected', 'seen', 'repeated, safe'];

/** `titles`: what the names of the groups stand for, in the order of the table. */
export function printGroups(
  heading: string,
  titles: Readonly<Record<string, string>>,
  groups: readonly Group[],
): void {
  const rows = Object.entries(titles).flatMap(([name, title]) => {
    const members = groups.filter((group) => group.name === name);
    return members.length === 0 ? [] : [[title, ...sums(members)]];
  });
  printTable([heading, ...HEADING], [...rows, ['all', ...sums(groups)]]);
}

export function printCuts(verdicts: readonly Verdict[]): void {
  const sum = (name: CutClass): number =>
    verdicts.reduce((total, { cuts }) => total + (cuts.get(name) ?? 0), 0);
  printTable(
    ['where the kills hit runs, by journal and ledger', 'times'],
    CUT_CLASSES.map((name) => [name, sum(name)]),
  );
}

const LONGEST_PROBLEM = 600;

/** Returns whether everything holds. */
export function printProblems(problems: readonly string[], most: number): boolean {
  for (const problem of problems.slice(0, most))
    console.log(`does not hold: ${problem.slice(0, LONGEST_PROBLEM)}`);
  if (problems.length > most) console.log(`… and ${problems.length - most} more`);
  return problems.length === 0;
}

function sums(groups: readonly Group[]): number[] {
  const sum = (value: (group: Group) => number): number =>
    groups.reduce((total, group) => total + value(group), 0);
  return [
    sum(({ kills }) => kills),
    sum(({ findings }) => findings.runs),
    sum(({ findings }) => findings.calls),
    sum(({ findings }) => findings.doubled),
    sum(({ findings }) => findings.lost),
    sum(({ findings }) => findings.uncertainExpected),
    sum(({ findings }) => findings.uncertainSeen),
    sum(({ findings }) => findings.repeated),
  ];
}
