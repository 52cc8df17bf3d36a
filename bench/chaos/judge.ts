/** What became of all the runs of a lane: counted for each group of them, and for each place that kills have hit. */
import type { LedgerEntry } from '../../test/fixtures/mcp/ledger-entry.ts';
import { check, type Findings } from './check.ts';
import { CUT_CLASSES, type Cut, type CutClass, classOf } from './cut.ts';
import type { RunView } from './journal-view.ts';
import type { Lane } from './lane.ts';
import { TOOLS } from './task.ts';

export interface Group {
  readonly name: string;
  readonly kills: number;
  readonly findings: Findings;
}

export interface Verdict {
  readonly groups: readonly Group[];
  /** How many runs the kills have cut at each class of place. */
  readonly cuts: ReadonlyMap<CutClass, number>;
  readonly problems: readonly string[];
}

/** Lets the lane's runs end. `kills`: how many, by the first word of the tags of the runs that they were meant for. */
export async function judge(lane: Lane, kills: ReadonlyMap<string, number>): Promise<Verdict> {
  const { runs, ledger } = await lane.finish();
  const groups = [...Map.groupBy(runs, ({ tag }) => tag.split('-')[0] ?? '')].map(([name, members]) => ({
    name,
    kills: kills.get(name) ?? 0,
    findings: check(members, ledgerOf(members, ledger)),
  }));
  return {
    groups,
    cuts: countCuts(lane.cuts, runs, ledger),
    problems: [
      ...lane.problems,
      ...groups.flatMap(({ findings }) => findings.problems),
      ...strangers(runs, ledger),
      ...differences(lane.cutOff, runs),
    ],
  };
}

function ledgerOf(runs: readonly RunView[], ledger: readonly LedgerEntry[]): LedgerEntry[] {
  const tags = new Set(runs.map(({ tag }) => tag));
  return ledger.filter(({ label }) => tags.has(tagOf(label)));
}

function tagOf(label: string): string {
  return label.split('.')[0] ?? '';
}

function strangers(runs: readonly RunView[], ledger: readonly LedgerEntry[]): string[] {
  const tags = new Set(runs.map(({ tag }) => tag));
  return [...new Set(ledger.map(({ label }) => label))]
    .filter((label) => !tags.has(tagOf(label)))
    .map((label) => `${label}: is in the ledger, and its run is in no journal`);
}

/** Seen right after the kills, and told by the journal in the end: the same plain calls were cut off. */
function differences(cutOff: ReadonlySet<string>, runs: readonly RunView[]): string[] {
  const told = new Set(
    runs.flatMap(({ calls }) =>
      calls
        .filter(({ tool, interrupted }) => TOOLS[tool] === 'plain' && interrupted > 0)
        .map(({ label }) => label),
    ),
  );
  const different = [...new Set([...cutOff, ...told])].filter(
    (label) => cutOff.has(label) !== told.has(label),
  );
  return different.map((label) =>
    told.has(label)
      ? `${label}: was not open at a kill, and the journal tells that it was cut off`
      : `${label}: was open at a kill, and the journal does not tell that it was cut off`,
  );
}

function countCuts(
  cuts: readonly Cut[],
  runs: readonly RunView[],
  ledger: readonly LedgerEntry[],
): Map<CutClass, number> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const byLabel = Map.groupBy(ledger, ({ label }) => label);
  const counts = new Map<CutClass, number>(CUT_CLASSES.map((name) => [name, 0]));
  for (const cut of cuts) {
    const run = byId.get(cut.runId);
    if (run === undefined) continue;
    const name = classOf(cut, run, byLabel.get(cut.openCall ?? '') ?? []);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
