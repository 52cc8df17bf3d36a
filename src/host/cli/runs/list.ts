import { homeFolder } from '../../../config/environment.ts';
import { RunStore } from '../../engine/durable/run-store.ts';
import { openState } from '../../state.ts';
import type { ListRunsFlags } from '../runs-commands.ts';
import { printable, processOutput, table } from '../terminal.ts';
import { minute, type RunSummary, stateText, summaryOf } from './summary.ts';

export async function list({ all = false, status, limit, json = false }: ListRunsFlags): Promise<void> {
  const output = processOutput();
  using state = openState(homeFolder());
  const store = new RunStore(state, homeFolder());
  const shortIds = store.shortIds();
  const rows = store.list({
    ...(all ? {} : { project: process.cwd() }),
    ...(status === undefined ? { limit: limit + 1 } : {}),
  });
  const found: RunSummary[] = [];
  let more = false;
  for (const row of rows) {
    // Only with a look at its owner is it known whether a run was interrupted.
    if (status !== undefined && row.status !== status && row.status !== 'running') continue;
    const summary = summaryOf(row, state, shortIds);
    if (status !== undefined && summary.status !== status) continue;
    more = found.length === limit;
    if (more) break;
    found.push(summary);
  }
  if (json) {
    await output.data(`${JSON.stringify(found, null, 2)}\n`);
    return;
  }
  if (found.length === 0) output.status(nothing(all, status));
  else await output.data(`${table(found.map((summary) => columns(summary, all)))}\n`);
  const open = found.filter(({ resume }) => resume !== undefined);
  if (open.length > 0) {
    const lines = open.map(({ shortId, resume = '' }) => `  ${shortId}  ${printable(resume)}`);
    output.status(`To go on:\n${lines.join('\n')}`);
  }
  if (more) output.status(`There are more than these ${limit}; --limit shows more.`);
}

function columns(summary: RunSummary, withFolder: boolean): string[] {
  const { shortId, createdAtMs, workflow, uncertain, project, title } = summary;
  return [
    shortId,
    minute(createdAtMs),
    printable(workflow),
    stateText(summary),
    uncertain === 0 ? '' : `${uncertain} uncertain`,
    ...(withFolder ? [printable(project)] : []),
    title,
  ];
}

function nothing(all: boolean, status: ListRunsFlags['status']): string {
  const which = status === undefined ? 'No run' : `No run that is ${status}`;
  return all ? `${which} is kept.` : `${which} of this folder is kept. --all lists those of other folders.`;
}
