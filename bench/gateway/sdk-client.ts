/** The SDK's own client at the same servers: it costs more than what it is asked to measure, and is what others measure with. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { median, printTable } from '../report.ts';
import type { Target } from './target.ts';

const CALLS = 4_000;
const WARM_UP_CALLS = 1_000;
const IN_FLIGHT = 32;

export async function measureSdkClient(targets: readonly Target[]): Promise<void> {
  const rows: string[][] = [];
  for (const target of targets) {
    await using running = await target.start();
    // What has no URL is spoken to over stdio.
    if (running.url !== undefined) rows.push([target.name, ...(await measure(running.url, running.tool))]);
  }
  printTable(["the SDK's client in place of ours", 'p50 ms', `calls/s, ${IN_FLIGHT} in flight`], rows);
  console.log();
}

async function measure(url: string, tool: string): Promise<readonly string[]> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  try {
    const call = async (): Promise<void> => {
      await client.callTool({ name: tool, arguments: { text: 'hello' } });
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
    return [median(tookMs).toFixed(3), perSecond.toFixed(0)];
  } finally {
    await client.close();
  }
}
