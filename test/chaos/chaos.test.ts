/** The small form of `npm run chaos`: the same parts, with fewer points and kills. */
import { expect, test } from 'vitest';

import { check } from '../../bench/chaos/check.ts';
import { letHostsCompete } from '../../bench/chaos/competing-hosts.ts';
import { judge, type Verdict } from '../../bench/chaos/judge.ts';
import { Lane } from '../../bench/chaos/lane.ts';
import { killAtEveryPoint } from '../../bench/chaos/points.ts';
import { killAtRandomTimes } from '../../bench/chaos/random-kills.ts';
import { seededRandom } from '../../bench/report.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const SOME_POINTS = 18;
/** Many processes are started one after the other, on a machine that may have other work. */
const TIMEOUT_MS = 240_000;

test('a host that is killed at any point of a run loses nothing and repeats nothing', {
  timeout: TIMEOUT_MS,
}, async () => {
  const verdicts = await Promise.all((['shapes', 'agent'] as const).map(killedAtSomePoints));
  expect(verdicts.flatMap(({ problems }) => problems)).toEqual([]);
  expect(total(verdicts, 'doubled') + total(verdicts, 'lost')).toBe(0);
  expect(total(verdicts, 'uncertainExpected')).toBeGreaterThan(0);
  expect(total(verdicts, 'uncertainSeen')).toBe(total(verdicts, 'uncertainExpected'));
  expect(total(verdicts, 'repeated')).toBeGreaterThan(0);
});

test('a host that is killed at any time loses nothing and repeats nothing', {
  timeout: TIMEOUT_MS,
}, async () => {
  await using folder = await temporaryFolder('chaos');
  await using lane = await Lane.open(folder.path);
  await killAtRandomTimes(lane, { kills: 12, random: seededRandom(5), name: 'some' });
  const verdict = await judge(lane, new Map());
  expect(verdict.problems).toEqual([]);
  expect(lane.kills).toBe(12);
});

test('of two hosts that are stopped, continued and killed, one at a time works on a run', {
  timeout: TIMEOUT_MS,
}, async () => {
  await using folder = await temporaryFolder('chaos');
  const random = seededRandom(6);
  const { runs, ledger, ...result } = await letHostsCompete({
    folder: folder.path,
    strikes: 8,
    leaseMs: 400,
    random,
  });
  const findings = check(runs, ledger);
  expect([...findings.problems, ...result.problems]).toEqual([]);
  expect(result.takeovers).toBeGreaterThan(0);
  expect(findings.uncertainSeen).toBe(findings.uncertainExpected);
});

async function killedAtSomePoints(workflow: 'shapes' | 'agent'): Promise<Verdict> {
  await using folder = await temporaryFolder('chaos');
  await using lane = await Lane.open(folder.path);
  const kills = await killAtEveryPoint(lane, workflow, { every: SOME_POINTS });
  expect([...kills.keys()]).toEqual(
    expect.arrayContaining(['row', 'received', 'effect', 'answered', 'pipe']),
  );
  return await judge(lane, kills);
}

function total(
  verdicts: readonly Verdict[],
  name: 'doubled' | 'lost' | 'uncertainExpected' | 'uncertainSeen' | 'repeated',
): number {
  return verdicts.flatMap(({ groups }) => groups).reduce((sum, { findings }) => sum + findings[name], 0);
}
