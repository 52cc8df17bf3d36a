/** What must hold of the runs of a home folder and the ledger beside it, however often their hosts were killed. */
import type { LedgerEntry } from '../../test/fixtures/mcp/ledger-entry.ts';
import { type CallView, FINAL, type RunView } from './journal-view.ts';
import { MAX_REPEATS } from '../../src/host/tool-call/uncertain.ts';
import { AGENT_TURNS, SHAPES, SHAPES_CALLS, TOOLS } from './task.ts';

export interface Findings {
  readonly runs: number;
  readonly calls: number;
  /** Effects that were made more than once, and must not be. */
  readonly doubled: number;
  /** Recorded as complete but absent from the ledger; or a run or call that came to no end. */
  readonly lost: number;
  /** Calls whose claim was cut off from its answer, and which nothing may repeat (again). */
  readonly uncertainExpected: number;
  /** Of the expected ones, those that ended so. */
  readonly uncertainSeen: number;
  /** Calls that were cut off and repeated, because that is safe. */
  readonly repeated: number;
  /** One line for everything that does not hold. */
  readonly problems: readonly string[];
}

export function check(runs: readonly RunView[], ledger: readonly LedgerEntry[]): Findings {
  const problems: string[] = [];
  const byLabel = Map.groupBy(ledger, ({ label }) => label);
  const findings = { doubled: 0, lost: 0, uncertainExpected: 0, uncertainSeen: 0, repeated: 0 };
  const known = new Set<string>();
  for (const run of runs) {
    const isDone = run.status === 'done' || run.status === 'failed';
    if (!isDone) {
      findings.lost += 1;
      problems.push(`${run.tag}: the run ended as ${run.status}`);
    }
    problems.push(...gapsOf(run), ...missingCalls(run));
    for (const call of run.calls) {
      if (known.has(call.label)) problems.push(`${call.label}: announced twice`);
      known.add(call.label);
      checkCall(call, byLabel.get(call.label) ?? [], findings, problems);
    }
  }
  for (const label of byLabel.keys())
    if (!known.has(label)) problems.push(`${label}: is in the ledger, and no journal knows of it`);
  return {
    runs: runs.length,
    calls: runs.reduce((sum, run) => sum + run.calls.length, 0),
    ...findings,
    problems,
  };
}

type Counts = { -readonly [Name in Exclude<keyof Findings, 'problems' | 'runs' | 'calls'>]: number };

function checkCall(
  call: CallView,
  entries: readonly LedgerEntry[],
  counts: Counts,
  problems: string[],
): void {
  const kind = TOOLS[call.tool];
  const count = (type: LedgerEntry['type']): number => entries.filter((entry) => entry.type === type).length;
  const [received, effects, repeats] = [count('received'), count('effect'), count('repeated')];
  const outcome = call.steps.at(-1)?.outcome;
  const say = (what: string): void => void problems.push(`${call.label} (${kind}): ${what}`);

  if ((kind === 'plain' || kind === 'keyed') && effects > 1) {
    counts.doubled += 1;
    say(`its effect was made ${effects} times`);
  }
  if (outcome === undefined) {
    counts.lost += 1;
    say('the journal has no outcome of it');
  }
  if (outcome === 'complete' && effects + repeats === 0) {
    counts.lost += 1;
    say('recorded as complete, and the ledger has nothing of it');
  }
  // Whatever else is written of a call, it is an effect only where a claim was there before.
  if (kind !== 'read-only' && received > call.claims.length)
    say(`the server got it ${received} times with ${call.claims.length} claims`);
  if (kind === 'read-only' && call.claims.length > 0) say('claimed, though it only reads');
  if (new Set(entries.flatMap(({ key }) => key ?? [])).size > 1) say('sent with different keys');
  if (kind === 'keyed' && entries.some(({ key }) => key === undefined)) say('sent without its key');

  // Also of what is safe to repeat, the host repeats no call for ever.
  const mustBeUncertain = call.interrupted > (kind === 'plain' ? 0 : MAX_REPEATS);
  if (kind === 'plain' && call.claims.length > 1) say(`claimed ${call.claims.length} times`);
  if (mustBeUncertain) {
    counts.uncertainExpected += 1;
    if (outcome === 'uncertain') counts.uncertainSeen += 1;
    else if (outcome !== undefined) say(`cut off ${call.interrupted} times, and its outcome is ${outcome}`);
    return;
  }
  if (call.interrupted > 0) counts.repeated += 1;
  if (outcome !== undefined && outcome !== 'complete') say(`its outcome is ${outcome}`);
}

function gapsOf({ tag, rows }: RunView): string[] {
  const gap = rows.findIndex(({ number }, index) => number !== index + 1);
  return gap < 0 ? [] : [`${tag}: row ${gap + 1} of its journal is missing`];
}

function missingCalls({ tag, workflow, status, calls }: RunView): string[] {
  if (!FINAL.has(status)) return [];
  const names = workflow === SHAPES ? Object.keys(SHAPES_CALLS) : AGENT_TURNS.flat().map(([name]) => name);
  const there = new Set(calls.map(({ label }) => label));
  return names.filter((name) => !there.has(`${tag}.${name}`)).map((name) => `${tag}.${name}: never called`);
}
