/** A map over so many items: of parts that take one journaled step each, or of agents that ask the model once each. */
import type { RunContext } from '../../src/host/context.ts';
import { agent } from '../../src/host/workflow/pattern/agent.ts';
import { map } from '../../src/host/workflow/pattern/parallel.ts';
import { openOwnHost } from './own-host.ts';
import { INSTRUCTIONS } from './task.ts';

export interface Width {
  readonly ms: number;
  readonly processorMs: number;
}

const [url = '', kind = '', items = '', times = ''] = process.argv.slice(2);
const CONCURRENCY = 50;
const count = Number(items);
const step = (context: RunContext, item: string): Promise<string> =>
  context.step('work', async () => item.toUpperCase());
const asking = agent({ instructions: INSTRUCTIONS.worker, tools: [] });

await using host = await openOwnHost({
  modelUrl: `${url}/fixed`,
  maxTurns: count,
  workflows: { map: map(kind === 'steps' ? step : asking, { concurrency: CONCURRENCY }) },
});

async function measure(): Promise<Width> {
  const input = Array.from({ length: count }, (_, index) => `item ${index}`);
  const processor = process.cpuUsage();
  const started = performance.now();
  const outcome = await (await host.run('map', input)).result;
  if (outcome.type !== 'done') throw new Error(`The map ended as ${JSON.stringify(outcome)}`);
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(processor);
  return { ms: ms / count, processorMs: (user + system) / 1_000 / count };
}

await measure();
const widths: Width[] = [];
for (let time = 0; time < Number(times); time += 1) widths.push(await measure());
process.stdout.write(`${JSON.stringify(widths)}\n`);
