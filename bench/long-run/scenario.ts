/** One client asks and goes away once it has the name of the run; another, of the other SDK, collects the answer. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type AskWorld, askWorld, type ToldRun, textOf, toldRun } from '../../test/fixtures/ask-world.ts';
import { openHttp } from '../../test/fixtures/http-gateway.ts';
import { temporaryFolder } from '../../test/fixtures/temporary-folder.ts';
import { type BenchClient, connect, type Sdk, type Way } from './clients.ts';
import { ANSWER_START, ORDERS, slowModel } from './slow-model.ts';

export interface Scenario {
  readonly transport: 'stdio' | 'http';
  readonly asker: Sdk;
  readonly collector: Sdk;
  readonly runMs: number;
  readonly tell: (line: string) => void;
}

export interface Outcome {
  /** After how long the asker was answered. */
  readonly namedMs: number;
  /** After how long since it was asked for the answer was there. */
  readonly collectedMs: number;
  readonly waits: number;
  readonly progress: number;
  /** What was expected and is not so. */
  readonly problems: readonly string[];
}

export async function play(scenario: Scenario): Promise<Outcome> {
  await using ledgers = await temporaryFolder('long-run');
  const ledger = join(ledgers.path, 'ledger');
  const server = join(import.meta.dirname, '../../test/fixtures/mcp/agent-tools.ts');
  const tools = { command: process.execPath, args: [server, ledger] };
  await using asked = await askWorld(slowModel(scenario.runMs), { mcpServers: { tools } });
  await using gateway = await openWay(scenario, asked);
  // What is opened here is in use until then.
  return await askAndCollect(scenario, gateway.way, ledger);
}

/** Over HTTP both clients come to one server; over stdio each has its own, of one home folder. */
async function openWay(
  { transport }: Scenario,
  { world }: AskWorld,
): Promise<AsyncDisposable & { readonly way: Way }> {
  if (transport === 'stdio') return { way: { world }, [Symbol.asyncDispose]: async () => undefined };
  const served = await openHttp({ ...world, [Symbol.asyncDispose]: async () => undefined });
  return { way: served, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

async function askAndCollect(scenario: Scenario, way: Way, ledger: string): Promise<Outcome> {
  const { asker, collector, runMs, tell } = scenario;
  const problems: string[] = [];
  let progress = 0;
  const onProgress = (): void => {
    progress += 1;
  };

  const first = await connect(asker, way);
  const started = performance.now();
  tell(`${asker} asks`);
  const named = toldRun(await first.call('switchyard__ask', { request: 'Order the things.' }, onProgress));
  const namedMs = performance.now() - started;
  tell(`${asker} is answered: ${named.runId} is ${named.status}; ${progress} times it heard of progress`);
  if (named.status !== 'running') problems.push(`the asker was told "${named.status}" and not "running"`);
  if (namedMs > 60_000) problems.push(`the asker was answered after ${namedMs.toFixed(0)} ms`);
  await first.close();
  tell(`${asker} has gone`);

  const second = await connect(collector, way);
  const { told, waits } = await collect(
    second,
    named.runId,
    (line) => tell(`${collector} ${line}`),
    onProgress,
  );
  const collectedMs = performance.now() - started;
  await second.close();
  if (told.answer?.startsWith(ANSWER_START) !== true)
    problems.push(`the collector was told ${JSON.stringify(told)}`);
  if (collectedMs < runMs) problems.push(`the run took ${collectedMs.toFixed(0)} ms and not ${runMs}`);
  const ordered = existsSync(ledger) ? readFileSync(ledger, 'utf8').trim().split('\n') : [];
  const expected = ORDERS.map((thing) => `order ${thing}`);
  if (ordered.join() !== expected.join()) problems.push(`ordered was: ${ordered.join(', ')}`);
  return { namedMs, collectedMs, waits, progress, problems };
}

async function collect(
  client: BenchClient,
  runId: string,
  tell: (line: string) => void,
  onProgress: () => void,
): Promise<{ readonly told: ToldRun; readonly waits: number }> {
  for (let waits = 1; ; waits += 1) {
    const result = await client.call('switchyard__run_wait', { runId }, onProgress);
    const told = toldRun(result);
    tell(
      told.next === undefined
        ? `has the answer: ${textOf(result).slice(0, 60)}…`
        : `waits: it is ${told.status}`,
    );
    if (told.next === undefined) return { told, waits };
  }
}
