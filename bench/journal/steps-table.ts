/** One step of a run, beside a bare insert on the same disk and beside Restate where it is installed. */
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { mean, median, printTable, quantile } from '../report.ts';
import { inChild } from './child.ts';
import type { StepTimes } from './one-step.ts';

/** The subjects take turns, so that a slow minute of the machine meets all of them. */
const ROUNDS = 3;

const SUBJECTS = [
  { name: 'bare SQLite insert, NORMAL', args: ['bare', 'normal'] },
  { name: 'journaled step, NORMAL', args: ['turn', 'normal'] },
  { name: 'journaled step with a claim, NORMAL', args: ['claim', 'normal'] },
  { name: 'journaled steps that wait for nothing, NORMAL', args: ['microtask', 'normal'] },
  { name: 'bare SQLite insert, FULL', args: ['bare', 'full'] },
  { name: 'journaled step, FULL', args: ['turn', 'full'] },
  { name: 'journaled step with a claim, FULL', args: ['claim', 'full'] },
] as const;

/** The median of a journaled step with `synchronous` NORMAL, in ms. */
export async function measureSteps(folder: string): Promise<number> {
  const peers = peersFolder();
  const measured = new Map<string, number[]>(SUBJECTS.map(({ name }) => [name, []]));
  const restate: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, args } of SUBJECTS) {
      const home = join(folder, `steps-${round}-${args.join('-')}`);
      measured.get(name)?.push(...(await inChild<StepTimes>('one-step', [home, ...args])).ms);
    }
    if (peers === undefined) continue;
    const { ms } = await inChild<StepTimes>('restate', [join(folder, `restate-${round}`), peers.folder]);
    restate.push(...ms);
  }
  if (peers) measured.set(`step of Restate ${peers.version}, its defaults`, restate);
  printTable(
    ['one after the other', 'median ms', 'p90', 'p99', 'longest', 'a second'],
    [...measured].map(([name, ms]) => [
      name,
      median(ms).toFixed(4),
      quantile(ms, 0.9).toFixed(4),
      quantile(ms, 0.99).toFixed(4),
      Math.max(...ms).toFixed(1),
      (1_000 / mean(ms)).toFixed(0),
    ]),
  );
  if (peers === undefined) {
    console.log(`
Restate is not installed: npm install --prefix FOLDER @restatedev/restate-sdk @restatedev/restate-server, and BENCH_PEERS=FOLDER.`);
  }
  console.log('DBOS is not measured: it needs a Postgres server.');
  return median(measured.get('journaled step, NORMAL') ?? []);
}

/** Where Restate's server and SDK lie: in the folder BENCH_PEERS. They are 220 MB, and nothing else here needs them. */
function peersFolder(): { readonly folder: string; readonly version: string } | undefined {
  const folder = process.env['BENCH_PEERS'];
  if (folder === undefined) return undefined;
  const require = createRequire(join(folder, 'peers.js'));
  const { version } = require('@restatedev/restate-server/package.json') as { readonly version: string };
  return { folder, version };
}
