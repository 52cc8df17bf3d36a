import { expect, test } from 'vitest';

import { survive } from '../../bench/map-survives/survive.ts';
import { seededRandom } from '../../bench/report.ts';
import { COMPILE_CACHE } from '../fixtures/compile-cache.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

/** Many starts one after the other, on a machine that may have other work. */
const TIMEOUT_MS = 240_000;

test('a program that is killed again and again writes each letter down exactly once', {
  timeout: TIMEOUT_MS,
}, async () => {
  await using folder = await temporaryFolder('letters');
  const survived = await survive({
    folder: folder.path,
    letters: 300,
    killAfterMs: [500, 900],
    target: (kills) => (kills % 3 === 0 ? 'server' : 'program'),
    latencyMs: 100,
    random: seededRandom(4),
    maxKills: 9,
    env: COMPILE_CACHE,
  });
  const { lines, doubled, lost, output, exitCode } = survived;
  expect({ doubled, lost }).toEqual({ doubled: [], lost: [] });
  expect(exitCode, output).toBe(0);
  expect(output).toContain('done: 300 letters, 0 failed');
  expect(output).toMatch(/Going on after \d+ letters/);
  expect(survived.hostKills).toBeGreaterThan(0);
  expect(survived.serverKills).toBeGreaterThan(0);
  // What a model is asked about is what stands there.
  expect(new Set(lines.map(({ letter, kind }) => `${letter % 4} ${kind}`))).toEqual(
    new Set(['0 order', '1 complaint', '2 question', '3 praise']),
  );
  expect(lines.find(({ letter }) => letter === 1)).toMatchObject({ urgent: 1 });
});
