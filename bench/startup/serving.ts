/** From exec to the answered tools/list of `switchyard serve --stdio`, by how many servers are configured. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { upstreams } from '../gateway/upstream.ts';
import { median, printTable, spread } from '../report.ts';

const ROOT = join(import.meta.dirname, '../..');
const COMMAND = join(ROOT, 'bin', 'switchyard.js');
const STARTS = 9;
const TROUBLE = {
  hangs: { command: process.execPath, args: ['-e', 'setInterval(() => 0, 1000)'] },
  ends: { command: process.execPath, args: ['-e', 'process.exit(3)'] },
};

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly home: string;
  readonly ms: number[];
}

/** How much longer than a bare Node the first list may take. */
export const SERVING_BUDGET_MS = 200;

/**
 * Bare Node and the cases take turns, so that a slow minute of the machine meets all of them. Resolves to what the slowest
 * case takes over bare Node, in ms.
 */
export async function compareServing(folder: string): Promise<number> {
  const cases = [
    prepare(folder, 1, {}),
    prepare(folder, 10, {}),
    prepare(folder, 20, {}),
    prepare(folder, 20, TROUBLE),
  ];
  // The first start learns what the servers have, which the later ones begin with.
  for (const one of cases) await firstList(one, true);
  const bareMs: number[] = [];
  for (let round = 0; round < STARTS; round += 1) {
    bareMs.push(await bare());
    for (const one of cases) one.ms.push(await firstList(one, false));
  }
  const over = (one: Case): number => median(one.ms) - median(bareMs);
  printTable(
    ['exec to answered tools/list', `ms, median of ${STARTS} (10–90 %)`, 'over bare Node, ms'],
    [
      ['node -e 0', spread(bareMs, 0), '0'],
      ...cases.map((one) => [one.name, spread(one.ms, 0), over(one).toFixed(0)]),
    ],
  );
  const most = Math.max(...cases.map(over));
  console.log(
    `\nBudget: within ${SERVING_BUDGET_MS} ms of bare Node: ${most.toFixed(0)} ms at most, ${most <= SERVING_BUDGET_MS ? 'kept' : 'exceeded'}`,
  );
  return most;
}

function prepare(folder: string, count: number, more: object): Case {
  const trouble = Object.keys(more).length > 0;
  const home = join(folder, `serve-${count}${trouble ? '-trouble' : ''}`);
  mkdirSync(home);
  const file = join(home, 'config.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { ...upstreams(count), ...more } }));
  const name = `serve, ${count} server${count === 1 ? '' : 's'}${trouble ? ', one that hangs and one that ends' : ''}`;
  return { name, args: [COMMAND, 'serve', '--stdio', '--config', file], home, ms: [] };
}

/** Until the list is answered; with `settle` until the servers have said what they have. */
async function firstList({ args, home }: Case, settle: boolean): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, SWITCHYARD_HOME: home },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const send = (message: object): unknown =>
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'bench', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  send({ id: 1, method: 'initialize', params });
  let ms = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    const { id, method, result } = JSON.parse(line) as { id?: number; method?: string; result?: object };
    if (id === 1) {
      send({ method: 'notifications/initialized' });
      send({ id: 2, method: 'tools/list' });
    } else if (id === 2) {
      ms = performance.now() - started;
      if (!settle || isWhole(result, args)) break;
    } else if (method === 'notifications/tools/list_changed') {
      send({ id: 2, method: 'tools/list' });
    }
  }
  child.stdin.end();
  await ended;
  return ms;
}

/** Whether every tiny server is in the list; it is asked for again when it has changed. */
function isWhole(result: object | undefined, args: readonly string[]): boolean {
  const tools = (result as { tools?: readonly { name: string }[] } | undefined)?.tools ?? [];
  const servers = new Set(
    tools.map(({ name }) => name.split('__')[0]).filter((name) => name?.startsWith('tiny')),
  );
  const count = /serve-(\d+)/.exec(args.join(' '))?.[1] ?? '0';
  return servers.size === Number(count);
}

async function bare(): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  return performance.now() - started;
}
