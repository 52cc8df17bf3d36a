/** The SDK's own client at a server with nothing in between: what others' figures, which are told of it, are bounded by. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { median, printTable } from '../report.ts';
import type { Target } from './target.ts';

const CALLS = 4_000;
const WARM_UP_CALLS = 1_000;
const IN_FLIGHT = 32;

export async function measureSdkCeiling(target: Target): Promise<void> {
  await using running = await target.start();
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(running.url ?? '')));
  try {
    const call = async (): Promise<void> => {
      await client.callTool({ name: running.tool, arguments: { text: 'hello' } });
    };
    for (let done = 0; done < WARM_UP_CALLS; done += 1) await call();
    const tookMs: number[] = [];
    for (let done = 0; done < WARM_UP_CALLS; done += 1) {
      const started = performance.now();
      await call();
      tookMs.push(performance.now() - started);
    }
    let begun = 0;
    const worker = async (): Promise<void> => {
      while (begun < CALLS) {
        begun += 1;
        await call();
      }
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    const perSecond = (CALLS / (performance.now() - started)) * 1_000;
    printTable(
      ["the SDK's client in place of ours", 'p50 ms', `calls/s, ${IN_FLIGHT} in flight`],
      [[target.name, median(tookMs).toFixed(3), perSecond.toFixed(0)]],
    );
    console.log();
  } finally {
    await client.close();
  }
}
