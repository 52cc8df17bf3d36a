/** From exec to the first list: of the gateway from what it knows, of peers from what their servers answer. */
import { messageOf } from '../../src/errors.ts';
import { median, printTable, spread } from '../report.ts';
import { compareServing, SERVING_BUDGET_MS } from '../startup/serving.ts';
import type { Peer } from './peers.ts';
import type { RunningTarget } from './target.ts';
import type { Verdict } from './verdict.ts';

const STARTS = 5;
const COUNTS = [1, 10, 20] as const;

export async function compareFirstLists(folder: string, peers: readonly Peer[]): Promise<readonly Verdict[]> {
  const is = await compareServing(folder);
  console.log();
  const cases = peers.flatMap(({ name, start, startWith }) =>
    startWith === undefined
      ? [{ name: `${name}, 1 server`, start }]
      : COUNTS.map((count) => ({ name: `${name}, ${count} servers`, start: () => startWith(count) })),
  );
  const rows: string[][] = [];
  for (const { name, start } of cases) rows.push([name, await firstListMs(start)]);
  if (rows.length > 0) printTable(['exec to a list with every server', `ms, median of ${STARTS}`], rows);
  console.log();
  return [
    {
      what: 'exec to the first list over bare Node, the slowest case',
      unit: 'ms',
      atMost: SERVING_BUDGET_MS,
      is,
    },
  ];
}

async function firstListMs(start: () => Promise<RunningTarget>): Promise<string> {
  const tookMs: number[] = [];
  try {
    for (let round = 0; round < STARTS; round += 1) {
      const started = performance.now();
      await using _ = await start();
      tookMs.push(performance.now() - started);
    }
  } catch (error) {
    return `${median(tookMs).toFixed(0)}: ${messageOf(error)}`;
  }
  return spread(tookMs, 0);
}
