/** Long conversations: whether a turn costs the same at their end as at their beginning. */
import { median, printTable } from '../report.ts';
import { ownScript } from './contestants.ts';
import { LineProcess } from './line-process.ts';
import type { Turns } from './long-subject.ts';
import { startModel } from './model-process.ts';
import { LONG_TURNS } from './task.ts';

const CONVERSATIONS = 5;
const BAND = 10;

const SUBJECTS = [
  ['turns of one run, a tool call each', 'bare, node:http', 'long-bare', 'turns'],
  ['turns of one run, a tool call each', 'Switchyard', 'long-own', 'turns'],
  ['requests of one session', 'bare, node:http', 'long-bare', 'session'],
  ['requests of one session', 'Switchyard', 'long-own', 'session'],
] as const;

export async function measureLong(): Promise<void> {
  console.log(`
A conversation of ${LONG_TURNS} turns, ${CONVERSATIONS} times: medians over its first ${BAND} turns and over its last ${BAND}. Requests grow on the way, for us
as for a program without a library, which shows what that costs by itself.
`);
  const rows: (readonly string[])[] = [];
  for (const [what, name, script, kind] of SUBJECTS) {
    await using model = await startModel();
    await using child = new LineProcess([...ownScript(script).args, model.url, kind, String(CONVERSATIONS)]);
    const conversations = JSON.parse(await child.line()) as readonly Turns[];
    const sizes = (await model.sizes()).slice(-LONG_TURNS);
    rows.push([what, name, ...bands(conversations), (median(sizes.slice(-BAND)) / 1_000).toFixed(1)]);
  }
  const range = (from: number, to: number): string => `${from}–${to}`;
  const [first, last] = [range(1, BAND), range(LONG_TURNS - BAND + 1, LONG_TURNS)];
  printTable(
    [
      '',
      '',
      `ms, ${first}`,
      `ms, ${last}`,
      'ratio',
      `CPU ms, ${first}`,
      `CPU ms, ${last}`,
      'ratio',
      'last request KB',
    ],
    rows,
  );
}

function bands(conversations: readonly Turns[]): readonly string[] {
  return (['ms', 'processorMs'] as const).flatMap((unit) => {
    const band = (from: number, to: number): number =>
      median(conversations.flatMap((turns) => turns[unit].slice(from, to)));
    const [first, last] = [band(0, BAND), band(LONG_TURNS - BAND, LONG_TURNS)];
    return [first.toFixed(2), last.toFixed(2), (last / first).toFixed(2)];
  });
}
