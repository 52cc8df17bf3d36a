/**
 * `node ledger-host-process.ts <folder> <ledger>`: runs the lines in a process of its own. Tells the run's id, then `d` where
 * it comes to that line, goes on when it is written to, and tells the outcome.
 */
import { once } from 'node:events';

import { openLedgerHost } from './ledger-host.ts';

const [folder = '', ledger = ''] = process.argv.slice(2);
const tell = (line: string): void => void process.stdout.write(`${line}\n`);

await using opened = await openLedgerHost({
  folder,
  ledger,
  leaseMs: 1_000,
  async atLine(label) {
    if (label !== 'd') return;
    tell(label);
    await once(process.stdin, 'data');
  },
});
const run = opened.host.engine.start(opened.lines, null);
tell(run.id);
tell((await run.result).type);
process.stdin.destroy();
