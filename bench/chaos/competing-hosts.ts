/** Two hosts that take over each other's runs, while they are stopped, continued and killed at random. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { type LedgerEntry, readLedger } from '../../test/fixtures/mcp/ledger-entry.ts';
import { JournalView, type RunView } from './journal-view.ts';
import type { HostSettings } from './messages.ts';
import { OwnerWatch } from './owner-watch.ts';
import { type ModelQuestion, startScriptedModel } from './scripted-model.ts';
import { Victim } from './victim.ts';

export interface CompetingOptions {
  readonly folder: string;
  /** How often a host is stopped for a while, or killed. */
  readonly strikes: number;
  readonly leaseMs: number;
  readonly random: () => number;
}

export interface CompetingResult {
  readonly stops: number;
  readonly kills: number;
  /** How often a run changed hands. */
  readonly takeovers: number;
  /** How often a host noticed that a run was no longer its own. */
  readonly lost: number;
  readonly runs: readonly RunView[];
  readonly ledger: readonly LedgerEntry[];
  readonly problems: readonly string[];
}

/** How many runs are open at a time, besides those of a host that stands still. */
const OPEN_RUNS = 8;
/** A stop takes up to this many leases: about half of them are longer than one. */
const LONGEST_STOP_LEASES = 2.5;
const SHARE_OF_KILLS = 0.3;
const BETWEEN_STRIKES_MS = 150;
const PATIENCE_MS = 120_000;

export async function letHostsCompete(options: CompetingOptions): Promise<CompetingResult> {
  const { folder, strikes, leaseMs, random } = options;
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  await using model = await startScriptedModel(() => undefined);
  const ledgerFile = join(folder, 'ledger');
  const settings: HostSettings = { home, ledgerFile, modelUrl: model.url, adopt: true, leaseMs };
  const all: Victim[] = [];
  const open = (): Victim => {
    const host = new Victim(join(home, 'compile-cache'));
    all.push(host);
    host.open(settings);
    return host;
  };
  const hosts: [Victim, Victim] = [open(), open()];
  // The first run makes the database that is looked at from here on.
  hosts[0].start('shapes', 'compete-0');
  await hosts[0].until(() => hosts[0].ended.size > 0);
  using journal = new JournalView(join(home, 'state.db'));
  using owners = new OwnerWatch(journal);
  const counts = { stops: 0, kills: 0, started: 0 };
  try {
    for (let strike = 0; strike < strikes; strike += 1) {
      for (const index of [0, 1] as const) {
        if (journal.open().length >= OPEN_RUNS * (index + 1)) continue;
        for (let started = 0; started < OPEN_RUNS / 2; started += 1) {
          counts.started += 1;
          hosts[index].start(counts.started % 6 === 0 ? 'agent' : 'shapes', `compete-${counts.started}`);
        }
      }
      await delay(random() * BETWEEN_STRIKES_MS);
      const index = random() < 0.5 ? 0 : 1;
      if (random() < SHARE_OF_KILLS) {
        await hosts[index].kill();
        counts.kills += 1;
        hosts[index] = open();
      } else {
        hosts[index].signal('SIGSTOP');
        await delay(random() * LONGEST_STOP_LEASES * leaseMs);
        hosts[index].signal('SIGCONT');
        counts.stops += 1;
      }
    }
    // One that stood still until now has yet to do what it was told.
    await Promise.all(hosts.map((host) => host.until(() => host.starting === 0)));
    const problems = await allEnded(journal);
    const left = all.flatMap((host) => host.left);
    const runs = journal.runs();
    return {
      ...counts,
      takeovers: owners.takeovers,
      lost: left.filter((reason) => reason === 'lost').length,
      runs,
      ledger: readLedger(ledgerFile),
      problems: [
        ...problems,
        ...owners.problems,
        ...unwritten(runs, model.asked),
        ...left.filter((reason) => reason !== 'lost').map((reason) => `a host left a run: ${reason}`),
      ],
    };
  } finally {
    for (const host of hosts) await host.kill();
  }
}

/** Nobody who has lost a run asks a model for it: each question was written down before, by whoever had the run then. */
function unwritten(runs: readonly RunView[], asked: readonly ModelQuestion[]): string[] {
  const byTag = new Map(runs.map((run) => [run.tag, run]));
  const questions = Map.groupBy(asked, ({ tag, turn }) => `${tag}: turn ${turn}`);
  return [...questions].flatMap(([name, [first, ...others]]) => {
    const written = first === undefined ? 0 : questionsOf(byTag.get(first.tag), first.turn);
    return others.length < written
      ? []
      : [`${name} was asked ${others.length + 1} times, ${written} of them written down`];
  });
}

function questionsOf(run: RunView | undefined, turn: number): number {
  const step = `"turn-${turn + 1}#0:model"`;
  const rows = run?.rows.filter(({ name, body }) => {
    const isAttempt =
      name === 'model-start' || (name === 'step-restart' && body?.includes('"reason":"retry"'));
    return isAttempt && body?.includes(step);
  });
  return rows?.length ?? 0;
}

/** Says what has not ended in all that time. */
async function allEnded(journal: JournalView): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const open = journal.open();
    if (open.length === 0) return [];
    if (performance.now() > deadline)
      return open.map(({ id, status, owner }) => `${id} did not end: it is ${status}, its owner is ${owner}`);
    await delay(20);
  }
}
