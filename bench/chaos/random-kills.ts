/** Kills at random times of a process that works on several runs at once. */
import { setTimeout as delay } from 'node:timers/promises';

import type { Lane, Round } from './lane.ts';

export interface RandomKillsOptions {
  readonly kills: number;
  readonly random: () => number;
  /** Sets the runs of this lane apart. */
  readonly name: string;
}

/** How many runs are open at a time, one of them an agent's. */
const OPEN_RUNS = 6;
/** Of the kills, those that come while the host still opens. */
const SHARE_AT_START = 0.1;

export async function killAtRandomTimes(
  lane: Lane,
  { kills, random, name }: RandomKillsOptions,
): Promise<void> {
  // The first process loads what those after it find loaded.
  await lane.round({ start: [{ workflow: 'shapes', tag: `whole-${name}-1` }] });
  const begun = performance.now();
  await lane.round({ start: [{ workflow: 'shapes', tag: `whole-${name}-2` }] });
  // What one run alone takes here, its server's start included, is time to come to any point with several.
  const longestMs = performance.now() - begun;
  let started = 0;
  const nextRun = (): NonNullable<Round['start']>[number] => {
    started += 1;
    const workflow = started % OPEN_RUNS === 0 ? 'agent' : 'shapes';
    return { workflow, tag: `random-${name}-${started}` };
  };
  const goal = lane.kills + kills;
  while (lane.kills < goal) {
    const missing = Math.max(0, OPEN_RUNS - lane.journal.open().length);
    await lane.round({
      start: Array.from({ length: missing }, nextRun),
      async kill(victim, over) {
        if (random() > SHARE_AT_START) await victim.until(() => victim.isOpen);
        await Promise.race([delay(random() * longestMs), over]);
        await victim.kill();
      },
    });
  }
}
