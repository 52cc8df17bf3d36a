/**
 * `npm run chaos [-- --kills 1000 --strikes 150 --lease-ms 1000 --seed 1 --every 1]`: host processes are killed with
 * SIGKILL at every point of a run and at random times, and compete for runs while they are stopped and continued. What
 * their journal says is compared with what a server wrote down for itself. Exits with 1 where something does not hold.
 */
import { parseArgs } from 'node:util';

import { temporaryFolder } from '../test/fixtures/temporary-folder.ts';
import { check } from './chaos/check.ts';
import { letHostsCompete } from './chaos/competing-hosts.ts';
import { judge, type Verdict } from './chaos/judge.ts';
import { Lane } from './chaos/lane.ts';
import { killAtEveryPoint, POINT_KINDS } from './chaos/points.ts';
import { killAtRandomTimes } from './chaos/random-kills.ts';
import { printCuts, printGroups, printProblems } from './chaos/tables.ts';
import { printVersions, seededRandom } from './report.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    strikes: { type: 'string', default: '150' },
    'lease-ms': { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    every: { type: 'string', default: '1' },
    show: { type: 'string', default: '30' },
    part: { type: 'string', default: 'points,random,competing' },
  },
});
const parts = new Set(values.part.split(','));
const seed = Number(values.seed);
const started = performance.now();

printVersions();
console.log(`seed ${seed}\n`);
const problems: string[] = [];
if (parts.has('points')) await everyPoint(Number(values.every));
if (parts.has('random')) await randomTimes(Number(values.kills));
if (parts.has('competing')) await competing(Number(values.strikes), Number(values['lease-ms']));
console.log(`${((performance.now() - started) / 60_000).toFixed(1)} minutes`);
process.exitCode = printProblems(problems, Number(values.show)) ? 0 : 1;
if (process.exitCode === 0) console.log('Everything holds.');

/** The two workflows beside each other, each with a home folder of its own. */
async function everyPoint(every: number): Promise<void> {
  const verdicts = await Promise.all(
    (['shapes', 'agent'] as const).map((workflow) =>
      inLane(workflow, (lane) => killAtEveryPoint(lane, workflow, { every })),
    ),
  );
  printGroups(
    'killed when …',
    POINT_KINDS,
    verdicts.flatMap(({ groups }) => groups.filter(({ name }) => name !== 'whole')),
  );
  tell(verdicts);
}

async function randomTimes(kills: number): Promise<void> {
  const verdicts = await Promise.all(
    ['left', 'right'].map((name, index) =>
      inLane(name, async (lane) => {
        const before = lane.kills;
        const random = seededRandom(seed + index);
        await killAtRandomTimes(lane, { kills: Math.ceil(kills / 2), random, name });
        return new Map([['random', lane.kills - before]]);
      }),
    ),
  );
  const groups = verdicts.flatMap((verdict) => verdict.groups);
  printGroups('killed at random times', { random: 'with 6 runs open' }, groups);
  tell(verdicts);
}

async function inLane(
  name: string,
  work: (lane: Lane) => Promise<ReadonlyMap<string, number>>,
): Promise<Verdict> {
  await using folder = await temporaryFolder(`chaos-${name}`);
  await using lane = await Lane.open(folder.path);
  // Awaited here: the lane is closed when this returns.
  return await judge(lane, await work(lane));
}

function tell(verdicts: readonly Verdict[]): void {
  console.log();
  printCuts(verdicts);
  console.log();
  problems.push(...verdicts.flatMap((verdict) => verdict.problems));
}

async function competing(strikes: number, leaseMs: number): Promise<void> {
  await using folder = await temporaryFolder('chaos-competing');
  const random = seededRandom(seed);
  const { runs, ledger, ...result } = await letHostsCompete({
    folder: folder.path,
    strikes,
    leaseMs,
    random,
  });
  const findings = check(runs, ledger);
  const group = { name: 'compete', kills: result.kills, findings };
  printGroups('two hosts', { compete: 'competing' }, [group]);
  const { stops, kills, takeovers, lost } = result;
  console.log(
    `\nstopped and continued ${stops} times (lease ${leaseMs} ms), killed ${kills} times; runs changed hands ${takeovers} times, a host that woke up noticed ${lost} times that its run was gone\n`,
  );
  problems.push(...findings.problems, ...result.problems);
}
