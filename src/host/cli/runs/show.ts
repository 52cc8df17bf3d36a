import { environment, homeFolder } from '../../../config/environment.ts';
import { loadConfig } from '../../../config/load-config.ts';
import type { Json } from '../../../json.ts';
import { totalsOf } from '../../engine/cancel-left-run.ts';
import { sizeOf } from '../../engine/durable/run-facts.ts';
import type { RunRow } from '../../engine/durable/run-rows.ts';
import { RunStore } from '../../engine/durable/run-store.ts';
import type { JournalRow } from '../../engine/journal.ts';
import { readText } from '../../engine/run-journal.ts';
import type { RunTotals } from '../../event.ts';
import { howToGoOn } from '../../how-to-go-on.ts';
import { knownSecrets } from '../../secret/known.ts';
import { createRedactor, type Redactor } from '../../secret/redactor.ts';
import { openState } from '../../state.ts';
import { achievedText } from '../../achieved-text.ts';
import { plural, tokensText } from '../spent-text.ts';
import { bytes, duration, oneLine, printable, processOutput, table } from '../terminal.ts';
import { type RunSummary, stateText, summaryOf } from './summary.ts';
import { type TimelineEntry, timelineOf } from './timeline.ts';

export async function show(
  idOrBeginning: string,
  { json = false }: { readonly json?: boolean },
): Promise<void> {
  using state = openState(homeFolder());
  const store = new RunStore(state, homeFolder());
  const row = store.get(idOrBeginning);
  const summary = summaryOf(row, state, store.shortIds());
  const rows = [...store.rows(row)];
  const timeline = timelineOf(rows, { live: summary.pid !== undefined });
  const totals = totalsOf(rows);
  const stop = summary.status === 'stopped' ? stoppedBy(rows, totals, summary) : undefined;
  const sizeBytes = sizeOf(state, store, { key: row.key, id: row.run.id });
  const redactor = await redactorOf(row);
  if (json) {
    const { input, budget, workflowRevision, actor } = row.run;
    const { programVersion } = row;
    const about = {
      ...summary,
      input,
      budget,
      workflowRevision,
      programVersion,
      actor,
      sizeBytes,
      totals,
      ...(stop === undefined ? {} : { stop }),
    };
    const told = { ...about, timeline, journal: rows.map(rowJson) };
    const text = JSON.stringify(redactor.value(JSON.parse(JSON.stringify(told)) as Json), null, 2);
    return processOutput().data(`${text}\n`);
  }
  const text = [
    ...heading({ row, summary, totals, sizeBytes }),
    '',
    timelineText(timeline, row.createdMs),
    ...(stop?.achieved === undefined ? [] : ['', 'achieved so far:', printable(stop.achieved)]),
    ...(stop === undefined ? [] : ['', stop.message, stop.next]),
    ...(summary.resume === undefined || stop !== undefined
      ? []
      : ['', `To go on: ${printable(summary.resume)}`]),
  ];
  await processOutput().data(`${redactor.text(text.join('\n'))}\n`);
}

/** Why a limit stopped it, what it had come to, and how it goes on. */
function stoppedBy(
  rows: readonly JournalRow[],
  totals: RunTotals,
  { resume = '' }: RunSummary,
): { readonly message: string; readonly achieved?: string; readonly next: string } | undefined {
  const events = rows.flatMap((row) => (row.type === 'event' ? [row.event] : []));
  const reached = events.findLast((event) => event.type === 'limit-reached');
  const end = events.findLast((event) => event.type === 'run-end');
  if (reached === undefined) return undefined;
  const achieved = end?.achieved && achievedText(end.achieved);
  return {
    message: reached.message,
    ...(achieved === undefined ? {} : { achieved }),
    next: howToGoOn(reached, totals, resume),
  };
}

/** Journals hold arguments as they were sent: what is secret in them is not shown. */
async function redactorOf({ configFile, project }: RunRow): Promise<Redactor> {
  const env = environment();
  const named = configFile === undefined ? {} : { configFile };
  // Of a config that is gone or damaged by now the form of a secret tells it still.
  const config = await loadConfig({ workingFolder: project, homeFolder: homeFolder(), env, ...named }).catch(
    () => ({ servers: [], models: {}, triggers: {} }),
  );
  return createRedactor({ known: knownSecrets(config, env) });
}

interface Shown {
  readonly row: RunRow;
  readonly summary: RunSummary;
  readonly totals: RunTotals;
  readonly sizeBytes: number;
}

function heading({ row, summary, totals, sizeBytes }: Shown): readonly string[] {
  const { run, programVersion, createdMs, updatedMs } = row;
  const { turns, toolCalls, usage, costUsd } = totals;
  const cost = costUsd === undefined ? 'cost unknown' : usd(costUsd);
  const spent = [plural(turns, 'turn'), plural(toolCalls, 'tool call'), `tokens ${tokensText(usage)}`, cost];
  const limits = Object.entries(run.budget).map(([name, value]) => `${name} ${value}`);
  const { uncertain, project, configFile, sessionId, forkedFrom } = summary;
  const facts: (readonly [string, string | undefined])[] = [
    ['run', run.id],
    ['state', stateText(summary)],
    ['request', summary.title],
    ['workflow', `${run.workflow}, revision ${run.workflowRevision}, program ${programVersion}`],
    ['begun', new Date(createdMs).toISOString()],
    ['changed', `${new Date(updatedMs).toISOString()}, ${duration(updatedMs - createdMs)} later`],
    ['folder', project],
    ['config', configFile ?? 'none'],
    ['session', sessionId],
    ['forked from', forkedFrom && `${forkedFrom.runId} at ${forkedFrom.atRow}`],
    ['limits', limits.length === 0 ? undefined : limits.join(', ')],
    ['spent', spent.join(', ')],
    ['size', bytes(sizeBytes)],
    [
      'UNCERTAIN',
      uncertain === 0
        ? undefined
        : `${plural(uncertain, 'call')}: nobody knows what came of ${uncertain === 1 ? 'it' : 'them'}`,
    ],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(11)}  ${oneLine(value, 1_000)}`],
  );
}

const COLUMNS = ['#', 'at', 'took', 'tokens', 'cost', 'outcome', 'path', 'what'] as const;
/** Longer ones would push what stands behind them out of sight. */
const MAX_OUTCOME_LENGTH = 48;
const MAX_WHAT_LENGTH = 400;

function timelineText(timeline: readonly TimelineEntry[], createdMs: number): string {
  const rows = timeline.map((entry) => {
    const { number, type, atMs, durationMs, usage, costUsd, outcome = '', path, what } = entry;
    const isStep = type === 'step';
    return [
      isStep ? String(number) : type === 'claim' ? '!' : '·',
      `+${duration(Math.max(0, atMs - createdMs))}`,
      durationMs === undefined ? '' : duration(durationMs),
      usage === undefined ? '' : tokensText(usage),
      costUsd === undefined ? '' : usd(costUsd),
      oneLine(outcome, MAX_OUTCOME_LENGTH),
      printable(path),
      oneLine(what, MAX_WHAT_LENGTH),
    ];
  });
  return rows.length === 0 ? 'It has not begun.' : table([COLUMNS, ...rows]);
}

function usd(amount: number): string {
  return `$${amount.toFixed(4)}`;
}

function rowJson(row: JournalRow, index: number): Json {
  const number = index + 1;
  if (row.type !== 'step' || 'error' in row) return { number, ...row } as unknown as Json;
  return { number, ...row, result: JSON.parse(readText(row.result)) } as unknown as Json;
}
