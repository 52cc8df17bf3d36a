/** Wide maps: whether an item costs the same among many as among few. */
import { median, printTable } from '../report.ts';
import { ownScript } from './contestants.ts';
import { LineProcess } from './line-process.ts';
import { startModel } from './model-process.ts';
import type { Width } from './wide-own.ts';

const WIDTHS = [100, 1_000, 5_000] as const;
const REPETITIONS = { steps: 5, agents: 2 } as const;

export async function measureWide(): Promise<void> {
  console.log(`
A map over ${WIDTHS.map((width) => width.toLocaleString('en')).join(', ')} items, 50 at the same time: of parts with one journaled step, and of agents with one model call. The time
and processor time of a run divided by its items, medians; for each of these a process of its own and one run to warm up.
`);
  const rows: (readonly string[])[] = [];
  for (const kind of ['steps', 'agents'] as const) {
    const cells: string[] = [];
    for (const width of WIDTHS) {
      await using model = await startModel();
      const args = [...ownScript('wide-own').args, model.url, kind, String(width), String(REPETITIONS[kind])];
      await using child = new LineProcess(args);
      const runs = JSON.parse(await child.line()) as readonly Width[];
      const of = (pick: (run: Width) => number): string => median(runs.map(pick)).toFixed(3);
      cells.push(`${of(({ ms }) => ms)} / ${of(({ processorMs }) => processorMs)}`);
    }
    rows.push([kind, ...cells]);
  }
  printTable(['ms / CPU ms an item', ...WIDTHS.map((width) => `${width.toLocaleString('en')} items`)], rows);
}
