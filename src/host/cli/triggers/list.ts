import { homeFolder } from '../../../config/environment.ts';
import { daemonPid } from '../../trigger/daemon-lock.ts';
import { stateText } from '../runs/summary.ts';
import { printable, processOutput, table } from '../terminal.ts';
import type { TriggerFlags } from '../trigger-commands.ts';
import { openTriggers } from './open-triggers.ts';
import { second, type TriggerView, viewOf } from './trigger-view.ts';

export async function list({ json = false, ...flags }: TriggerFlags): Promise<void> {
  using opened = await openTriggers(flags);
  const { file, triggers } = opened.config;
  const output = processOutput();
  const pid = daemonPid(homeFolder(), file);
  const views = await Promise.all(
    Object.entries(triggers).map(([name, trigger]) => viewOf(name, trigger, opened)),
  );
  if (json) {
    const daemon = pid === undefined ? null : { pid };
    await output.data(`${JSON.stringify({ daemon, triggers: views }, null, 2)}\n`);
    return;
  }
  if (views.length === 0) output.status(`${file} has no triggers.`);
  else await output.data(`${table(views.map(columns))}\n`);
  output.status(
    pid === undefined
      ? 'No daemon works on them: switchyard daemon starts one.'
      : `Process ${pid} works on them.`,
  );
}

function columns(view: TriggerView): string[] {
  const { name, kind, workflow, lastEvent, lastRun } = view;
  return [
    printable(name),
    kind,
    printable(workflow),
    standing(view),
    lastEvent === undefined
      ? 'no event yet'
      : `last event ${second(lastEvent.receivedMs)} ${printable(lastEvent.state)}`,
    lastRun === undefined ? '' : `last run ${lastRun.shortId} ${stateText(lastRun)}`,
  ];
}

function standing({ pausedAtMs, nextAtMs, waiting }: TriggerView): string {
  const parts = [
    ...(pausedAtMs === undefined ? [] : [`paused since ${second(pausedAtMs)}`]),
    ...(nextAtMs === undefined ? [] : [`next ${second(nextAtMs)}`]),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
  ];
  return parts.length === 0 ? 'listening' : parts.join(', ');
}
