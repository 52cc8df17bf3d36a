/**
 * `npm run conformance`: the conformance suite of the protocol's authors against a server of ours that has everything its
 * scenarios look for, directly and through the gateway. Exits with 1 where a scored check fails, and where something passes
 * directly and not through.
 */
import { parseArgs } from 'node:util';

import { type Counts, countsOf, type Found, type Lost, lostOf } from './conformance/compare.ts';
import { EXCEPTIONS } from './conformance/exceptions.ts';
import { REQUIREMENTS, type Requirements, runAgainst, type SuiteRun } from './conformance/suite.ts';
import { openFixture, openGateway, type UpstreamEra } from './conformance/targets.ts';
import { printTable, printVersions } from './report.ts';

const PARTS = ['direct', 'through'] as const;
type Part = (typeof PARTS)[number];

interface Row {
  readonly requirements: string;
  readonly target: string;
  readonly counts: Counts;
  readonly lost: readonly Lost[];
}

const { values } = parseArgs({
  options: {
    part: { type: 'string' },
    scenario: { type: 'string' },
    requirements: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const { scenario, json } = values;
const part = partOf(values.part);
const chosen = REQUIREMENTS.filter(
  ({ name }) => values.requirements === undefined || name === values.requirements,
);
if (chosen.length === 0)
  throw new Error(`--requirements is one of ${REQUIREMENTS.map(({ name }) => name).join(', ')}.`);

const rows: Row[] = [];
const direct = await runDirect();
if (part !== 'through') for (const run of direct) rows.push(rowOf('the fixture', run));
if (part !== 'direct')
  for (const upstream of ['legacy', 'modern'] as const) rows.push(...(await runThrough(upstream)));

if (json) console.log(JSON.stringify(rows, null, 2));
else print();
if (rows.some(({ counts, lost }) => failuresOf(counts, lost).length > 0)) process.exitCode = 1;

async function runDirect(): Promise<readonly SuiteRun[]> {
  await using fixture = await openFixture();
  return await inTurn(chosen, (requirements) => runAgainst(fixture.url, requirements, scenario));
}

async function runThrough(upstream: UpstreamEra): Promise<readonly Row[]> {
  await using gateway = await openGateway(upstream);
  const runs = await inTurn(chosen, (requirements) => runAgainst(gateway.url, requirements, scenario));
  return runs.map((run, index) => {
    const exceptions = EXCEPTIONS.filter(
      (one) => one.upstream === upstream && one.requirements === run.requirements.name,
    );
    const before = direct[index];
    const lost = before === undefined ? [] : lostOf(before, run, exceptions);
    return { ...rowOf(`the gateway, ${upstream} fixture behind it`, run), lost };
  });
}

function rowOf(target: string, run: SuiteRun): Row {
  return { requirements: run.requirements.name, target, counts: countsOf(run), lost: [] };
}

async function inTurn(
  requirements: readonly Requirements[],
  run: (one: Requirements) => Promise<SuiteRun>,
): Promise<readonly SuiteRun[]> {
  const runs: SuiteRun[] = [];
  for (const one of requirements) runs.push(await run(one));
  return runs;
}

/** What makes the exit code 1. */
function failuresOf({ scoredFailures }: Counts, lost: readonly Lost[]): readonly Found[] {
  const isExcepted = ({ scenario: name, check }: Found): boolean =>
    lost.some((one) => one.scenario === name && one.check === check && one.exception !== undefined);
  return [...scoredFailures, ...lost].filter((one) => !isExcepted(one));
}

function print(): void {
  printVersions();
  printTable(
    [
      'requirements',
      'against',
      'scenarios',
      'scored',
      'checks',
      'passed',
      'scored failures',
      'excepted',
      'lost',
    ],
    rows.map(({ requirements, target, counts, lost }) => [
      requirements,
      target,
      String(counts.scenarios),
      String(counts.scored),
      String(counts.checks),
      String(counts.passed),
      String(failuresOf(counts, []).length - lost.filter(isScoredException(counts)).length),
      String(lost.filter(({ exception }) => exception !== undefined).length),
      String(lost.filter(({ exception }) => exception === undefined).length),
    ]),
  );
  for (const row of rows) printFound(row);
}

function isScoredException({ scoredFailures }: Counts): (lost: Lost) => boolean {
  return ({ scenario: name, check, exception }) =>
    exception !== undefined && scoredFailures.some((one) => one.scenario === name && one.check === check);
}

function printFound({ requirements, target, counts, lost }: Row): void {
  const failures = failuresOf(counts, lost);
  const sections: readonly (readonly [string, readonly Found[]])[] = [
    ['failed', failures],
    ['excepted', lost.filter(({ exception }) => exception !== undefined)],
    ['warnings', counts.warnings],
  ];
  for (const [title, found] of sections) {
    if (found.length === 0) continue;
    console.log(`\n${requirements}, ${target}: ${title}`);
    for (const { scenario: name, check, message } of found)
      console.log(`  ${name}: ${check}${message && `: ${message}`}`);
  }
  const unscored = Map.groupBy(counts.unscoredFailures, (one) => one.scenario);
  if (unscored.size === 0) return;
  const told = [...unscored].map(([name, found]) => `${name} ${found.length}`);
  console.log(`\n${requirements}, ${target}: unscored and failed: ${told.join(', ')}`);
}

function partOf(written: string | undefined): Part | undefined {
  const found = PARTS.find((one) => one === written);
  if (written !== undefined && found === undefined) throw new Error(`--part is one of ${PARTS.join(', ')}.`);
  return found;
}
