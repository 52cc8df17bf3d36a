/**
 * `npm run conformance`: the conformance suite of the protocol's authors against a server of ours that has everything its
 * scenarios look for, directly and through the gateway. Exits with 1 where a scored check fails, and where something passes
 * directly and not through.
 */
import { parseArgs } from 'node:util';

import { countsOf, lostOf } from './conformance/compare.ts';
import { EXCEPTIONS } from './conformance/exceptions.ts';
import { failuresOf, printRows, type Row } from './conformance/print.ts';
import { REQUIREMENTS, type Requirements, runAgainst, type SuiteRun } from './conformance/suite.ts';
import { openFixture, openGateway, type Upstream } from './conformance/targets.ts';

const PARTS = ['direct', 'through'] as const;
type Part = (typeof PARTS)[number];

const UPSTREAMS: readonly Upstream[] = [
  { era: 'modern', transport: 'stdio' },
  { era: 'modern', transport: 'http' },
  { era: 'legacy', transport: 'http' },
];

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
if (part !== 'direct') for (const upstream of UPSTREAMS) rows.push(...(await runThrough(upstream)));

if (json) console.log(JSON.stringify(rows, null, 2));
else printRows(rows);
if (rows.some((row) => failuresOf(row).length > 0)) process.exitCode = 1;

async function runDirect(): Promise<readonly SuiteRun[]> {
  await using fixture = await openFixture();
  return await inTurn(chosen, (requirements) => runAgainst(fixture.url, requirements, scenario));
}

async function runThrough(upstream: Upstream): Promise<readonly Row[]> {
  await using gateway = await openGateway(upstream);
  const runs = await inTurn(chosen, (requirements) => runAgainst(gateway.url, requirements, scenario));
  return runs.map((run, index) => {
    const exceptions = EXCEPTIONS.filter(
      (one) =>
        (one.upstream ?? upstream.era) === upstream.era && one.requirements.includes(run.requirements.name),
    );
    const before = direct[index];
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
