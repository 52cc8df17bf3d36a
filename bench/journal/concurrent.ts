/** What a host gets done when many runs go on side by side, alone and beside another host over the same folder. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { mean, printTable, quantile } from '../report.ts';
import { inChild } from './child.ts';
import type { StepKind } from './workflows.ts';

export const RUNS_AT_ONCE = 50;
export const CONCURRENT_STEPS = 20;
/** Of each process. */
export const RUNS = 1_000;

export interface ConcurrentRuns {
  readonly seconds: number;
  /** Of each run from its start to its end. */
  readonly runMs: readonly number[];
  readonly processorMs: number;
  readonly rssMb: number;
}

export async function measureConcurrent(folder: string): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const processes of [1, 2]) {
    for (const kind of ['turn', 'claim'] satisfies StepKind[]) {
      const home = join(folder, `concurrent-${processes}-${kind}`);
      mkdirSync(home);
      const one = (): Promise<ConcurrentRuns> => inChild<ConcurrentRuns>('concurrent-runs', [home, kind]);
      const hosts = await Promise.all(Array.from({ length: processes }, one));
      const runMs = hosts.flatMap((host) => host.runMs);
      const runsASecond = hosts.reduce((sum, { seconds }) => sum + RUNS / seconds, 0);
      rows.push([
        processes,
        kind === 'claim' ? 'with a claim' : 'without',
        (runsASecond * CONCURRENT_STEPS).toFixed(0),
        runsASecond.toFixed(0),
        quantile(runMs, 0.5).toFixed(1),
        quantile(runMs, 0.99).toFixed(1),
        (mean(hosts.map((host) => host.processorMs)) / RUNS).toFixed(2),
        Math.max(...hosts.map((host) => host.rssMb)).toFixed(0),
      ]);
    }
  }
  printTable(
    ['processes', 'steps', 'steps/s', 'runs/s', 'run ms, median', 'p99', 'CPU ms a run', 'RSS MB'],
    rows,
  );
}
