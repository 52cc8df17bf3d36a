/** What the gateway holds in memory while nobody asks anything of it. */
import { setTimeout as delay } from 'node:timers/promises';

import { median, printTable } from '../report.ts';
import { startOwnHttp, startOwnStdio } from './own.ts';
import { endProcess, processTree, rssMb, startProcess } from './processes.ts';
import { upstreams } from './upstream.ts';
import type { Verdict } from './verdict.ts';

const SERVERS = 20;
const STARTS = 3;
/** What is loaded behind the first list is there by then, and what only the start took is given back. */
const SETTLE_MS = 7_000;

export async function measureIdle(folder: string): Promise<readonly Verdict[]> {
  const transports = { stdio: startOwnStdio, HTTP: startOwnHttp };
  const rows: (string | number)[][] = [['node, idle', (await bareRssMb()).toFixed(0), 1]];
  const verdicts: Verdict[] = [];
  for (const [name, start] of Object.entries(transports)) {
    const options = { folder, name: `idle-${name}`, servers: upstreams(SERVERS) };
    const sizes: number[] = [];
    let processes = 0;
    // The first start learns what the servers have, and starts them for that.
    for (let round = 0; round <= STARTS; round += 1) {
      await using running = await start(options);
      await delay(SETTLE_MS);
      if (round === 0) continue;
      sizes.push(rssMb(running.pid));
      processes = processTree(running.pid).length;
    }
    const is = median(sizes);
    rows.push([`switchyard over ${name}, ${SERVERS} servers configured`, is.toFixed(0), processes]);
    verdicts.push({ what: `idle over ${name}, ${SERVERS} configured`, unit: 'MB', atMost: 110, is });
  }
  printTable(['idle', 'RSS MB', 'processes'], rows);
  console.log(
    `\nMedians of ${STARTS} starts, ${SETTLE_MS / 1_000} s after the first list was answered from what an earlier start had learnt.\n`,
  );
  return verdicts;
}

async function bareRssMb(): Promise<number> {
  const child = startProcess(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
  try {
    await delay(1_000);
    return rssMb(child.pid ?? 0);
  } finally {
    await endProcess(child);
  }
}
