/** How long a run of many steps takes to be where it was, in a new process. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { median, printTable } from '../report.ts';
import { inChild } from './child.ts';
import { openEngine } from './open-engine.ts';
import type { Resumed } from './resume-run.ts';
import { longWorkflow } from './workflows.ts';

/** The run of a single step tells what resuming costs without steps. */
const STEPS = [1, 1_000, 2_500, 5_000, 10_000, 20_000];
const TIMES_EACH = 3;

export interface ResumeFigures {
  /** By the number of steps. */
  readonly ms: ReadonlyMap<number, number>;
  /** Of the time in the number of steps, without what a single step takes: 1 is linear. */
  readonly exponent: number;
}

export async function measureResume(folder: string): Promise<ResumeFigures> {
  const ms = new Map<number, number>();
  const rows: (string | number)[][] = [];
  for (const count of STEPS) {
    const home = join(folder, `resume-${count}`);
    mkdirSync(home);
    const runId = await leaveRun(home, count);
    const resumed: Resumed[] = [];
    for (let time = 0; time < TIMES_EACH; time += 1) {
      resumed.push(await inChild<Resumed>('resume-run', [home, runId]));
    }
    const middle = median(resumed.map((each) => each.ms));
    ms.set(count, middle);
    rows.push([
      count,
      count + count / 2,
      middle.toFixed(0),
      ((middle / count) * 1_000).toFixed(1),
      median(resumed.map((each) => each.grownMb)).toFixed(0),
      median(resumed.map((each) => each.rssMb)).toFixed(0),
    ]);
  }
  printTable(['steps', 'rows', 'ms', 'µs a step', 'memory grown by MB', 'RSS MB'], rows);
  const [[, fixed = 0] = [], ...more] = ms;
  return { ms, exponent: slope(more.map(([count, time]) => [Math.log(count), Math.log(time - fixed)])) };
}

/** A run that its host left before its last step. */
async function leaveRun(home: string, count: number): Promise<string> {
  const reached = Promise.withResolvers<void>();
  const workflow = longWorkflow(reached.resolve);
  await using host = openEngine(home, [workflow]);
  const run = host.engine.start(workflow, count);
  const ended = run.result.then((outcome) => {
    if (outcome.type !== 'suspended') throw new Error(`The run ended too early: ${JSON.stringify(outcome)}`);
  });
  await Promise.race([reached.promise, ended]);
  return run.id;
}

/** Of the line that fits the points best. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const [meanX, meanY] = [0, 1].map(
    (axis) => points.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / points.length,
  ) as [number, number];
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
