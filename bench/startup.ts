/**
 * How long `switchyard tools` and the first list of `switchyard serve --stdio` take with warm snapshots, beside a Node that does
 * nothing.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { median, printTable, spread } from './report.ts';
import { compareServing, SERVING_BUDGET_MS as BUDGET_MS } from './startup/serving.ts';

const ROOT = join(import.meta.dirname, '..');
const COMMAND = join(ROOT, 'bin', 'switchyard.js');
const MEASURED_STARTS = 15;
const MEMORY_STARTS = 3;
/** Tells memory at the exit; in starts of its own, because the module costs time. */
const TELL_MEMORY = ['--import', join(import.meta.dirname, 'startup', 'tell-memory.js')];

interface Start {
  readonly ms: number;
  /** At the exit; NaN where it was not asked for. */
  readonly rssMb: number;
  readonly stdout: string;
}

/** Bare Node and the command take turns, so that a slow minute of the machine meets both. */
export async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-startup-'));
  try {
    await compare(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function compare(folder: string): Promise<void> {
  const work = join(folder, 'work');
  mkdirSync(work);
  copyFileSync(join(ROOT, 'mcp.config.json'), join(work, 'mcp.config.json'));
  const environment = { ...process.env, SWITCHYARD_HOME: join(folder, 'home') };
  const run = (args: readonly string[], preload: readonly string[] = []): Promise<Start> =>
    start([...preload, ...args], work, environment);
  const tools = [COMMAND, 'tools', '--config', join(work, 'mcp.config.json')];

  const cold = await run([...tools, '--fresh']);
  const warm = await run(tools);
  const names = warm.stdout.split('\n').flatMap((line) => /^(\w+?)__\w+/.exec(line)?.[1] ?? []);
  console.log(`First start, every server asked: ${cold.ms.toFixed(0)} ms`);
  console.log(`Warm: ${names.length} tools of ${[...new Set(names)].join(', ')}\n`);

  const commands = [
    { name: 'node -e 0', args: ['-e', '0'] },
    { name: 'switchyard --version', args: [COMMAND, '--version'] },
    { name: 'switchyard tools, warm', args: tools },
  ].map((command) => ({ ...command, ms: [] as number[], rssMb: [] as number[] }));
  for (let round = 0; round < MEASURED_STARTS; round += 1) {
    for (const { args, ms } of commands) ms.push((await run(args)).ms);
  }
  for (let round = 0; round < MEMORY_STARTS; round += 1) {
    for (const { args, rssMb } of commands) rssMb.push((await run(args, TELL_MEMORY)).rssMb);
  }
  const [bareMs = Number.NaN, , listedMs = Number.NaN] = commands.map(({ ms }) => median(ms));
  printTable(
    ['command', `ms, median of ${MEASURED_STARTS} (10–90 %)`, 'over bare Node, ms', 'RSS MB'],
    commands.map(({ name, ms, rssMb }) => [
      name,
      spread(ms, 0),
      (median(ms) - bareMs).toFixed(0),
      median(rssMb).toFixed(0),
    ]),
  );
  const over = listedMs - bareMs;
  console.log(
    `\nBudget: within ${BUDGET_MS} ms of bare Node: ${over.toFixed(0)} ms, ${over <= BUDGET_MS ? 'kept' : 'exceeded'}\n`,
  );
  await compareServing(folder);
}

/** Runs this Node with the arguments until it has ended. Rejects where it fails. */
async function start(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Start> {
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [stdout, stderr, memory] = [1, 2, 3].map((descriptor) => textOf(child.stdio[descriptor]));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const ms = performance.now() - started;
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}: ${await stderr}`);
  return { ms, rssMb: Number((await memory) || Number.NaN) / 1e6, stdout: (await stdout) ?? '' };
}

async function textOf(stream: unknown): Promise<string> {
  let text = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) text += chunk.toString('utf8');
  return text;
}
