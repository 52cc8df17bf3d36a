/**
 * `npm run conformance`: the conformance suite of the protocol's authors against a server of ours that has everything its
 * scenarios look for, directly and through the gateway, and its scenarios for clients on our registry. Exits with 1 where a
 * scored check fails, and where something passes directly and not through.
 */
import { parseArgs } from 'node:util';

import { runClient } from './conformance/client-suite.ts';
import { countsOf, lostOf } from './conformance/compare.ts';
import { EXCEPTIONS } from './conformance/exceptions.ts';
import { failuresOf, printRows, type Row } from './conformance/print.ts';
import { REQUIREMENTS, type Requirements, runAgainst, type SuiteRun } from './conformance/suite.ts';
import { openFixture, openGateway, type Upstream } from './conformance/targets.ts';

const PARTS = ['direct', 'through', 'client'] as const;
type Part = (typeof PARTS)[number];

const UPSTREAMS: readonly Upstream[] = [
  { era: 'modern', transport: 'stdio' },
  { era: 'modern', transport: 'http' },
  { era: 'legacy', transport: 'http' },
  { era: 'legacy', transport: 'stdio' },
];

/**
 * Scenarios of the modern era leave questions unanswered. On stdio nothing says for which call a server of the 2025 era asks,
 * so that its next calls wait for the answer, which is longer than a scenario takes: docs/decisions/0021.
 */
function isRun({ era }: Requirements, upstream: Upstream): boolean {
  return !(era === 'modern' && upstream.era === 'legacy' && upstream.transport === 'stdio');
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
const isWanted = (one: Part): boolean => part === undefined || part === one;
const direct = part === 'client' ? [] : await runDirect();
if (isWanted('direct')) for (const run of direct) rows.push(rowOf('the fixture', run));
if (isWanted('through')) for (const upstream of UPSTREAMS) rows.push(...(await runThrough(upstream)));
if (isWanted('client')) {
  const runs = await inTurn(chosen, (requirements) => runClient(requirements, scenario));
  rows.push(...runs.map((run) => rowOf('our client', run)));
}

if (rows.every(({ counts }) => counts.scenarios === 0))
  throw new Error(`There is no scenario '${scenario}'.`);
if (json) console.log(JSON.stringify(rows, null, 2));
else printRows(rows);
if (rows.some((row) => failuresOf(row).length > 0)) process.exitCode = 1;

async function runDirect(): Promise<readonly SuiteRun[]> {
  await using fixture = await openFixture();
  return await inTurn(chosen, (requirements) => runAgainst(fixture.url, requirements, scenario));
}

async function runThrough(upstream: Upstream): Promise<readonly Row[]> {
  await using gateway = await openGateway(upstream);
  const fitting = chosen.filter((requirements) => isRun(requirements, upstream));
  const runs = await inTurn(fitting, (requirements) => runAgainst(gateway.url, requirements, scenario));
  return runs.map((run) => {
    const exceptions = EXCEPTIONS.filter(
      (one) =>
        (one.upstream ?? upstream.era) === upstream.era && one.requirements.includes(run.requirements.name),
    );
    const before = direct.find(({ requirements }) => requirements === run.requirements);
    const lost = before === undefined ? [] : lostOf(before, run, exceptions);
    return { ...rowOf(`the gateway, before ${upstream.era} ${upstream.transport}`, run), lost };
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

function partOf(written: string | undefined): Part | undefined {
  const found = PARTS.find((one) => one === written);
  if (written !== undefined && found === undefined) throw new Error(`--part is one of ${PARTS.join(', ')}.`);
  return found;
}
