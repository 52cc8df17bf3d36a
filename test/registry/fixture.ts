/** Opens registries over the scripted servers, and sees to it that no process outlives a test. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import type { RemoteDefinition, StdioDefinition } from '../../src/config/server-definition.ts';
import type { LogEntry, RegistryOptions } from '../../src/registry/contract.ts';
import { COMPILE_CACHE } from '../fixtures/compile-cache.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/mcp');

const COMMON = {
  disabled: false,
  start: 'on-use',
  trust: 'annotations',
  timeoutMs: 10_000,
  tools: {},
} as const;

export type FixtureName =
  | 'everything'
  | 'agent-tools'
  | 'misbehaving'
  | 'modern-raw'
  | 'legacy-sse'
  | 'misbehaving-http'
  | 'pushing'
  | 'noted';

function fixturePath(fixture: string): string {
  return join(FIXTURES, `${fixture}.ts`);
}

export function stdioServer(
  name: string,
  fixture: FixtureName,
  args: readonly string[] = [],
  more: Partial<StdioDefinition> = {},
): StdioDefinition {
  return {
    ...COMMON,
    name,
    type: 'stdio',
    command: process.execPath,
    args: [fixturePath(fixture), ...args],
    env: COMPILE_CACHE,
    ...more,
  };
}

export function httpServer(
  name: string,
  url: string,
  more: Partial<RemoteDefinition> = {},
): RemoteDefinition {
  return { ...COMMON, name, type: 'http', url, headers: {}, ...more };
}

/** A folder and a log of one test; disposing of it removes the folder and ends the servers that it started. */
export class Bench implements AsyncDisposable {
  readonly homeFolder = mkdtempSync(join(tmpdir(), 'switchyard-registry-'));
  readonly entries: LogEntry[] = [];
  readonly #processes: ChildProcess[] = [];

  options(servers: RegistryOptions['servers'], more: Partial<RegistryOptions> = {}): RegistryOptions {
    return {
      servers,
      homeFolder: this.homeFolder,
      clientInfo: { name: 'switchyard-test', version: '0.0.0' },
      log: (entry) => void this.entries.push(entry),
      ...more,
    };
  }

  events(event: string): readonly LogEntry[] {
    return this.entries.filter((entry) => entry.event === event);
  }

  /** Starts a fixture of its own and resolves with the process and the first line of its stdout. */
  async start(
    fixture: string,
    args: readonly string[] = [],
  ): Promise<{ process: ChildProcess; line: string }> {
    const child = spawn(process.execPath, [fixturePath(fixture), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#processes.push(child);
    for await (const line of createInterface({ input: child.stdout })) return { process: child, line };
    throw new Error(`${fixture} ended without a word.`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    await until(() => livingFixtures().length === 0, 'no fixture process is left', 10_000);
    rmSync(this.homeFolder, { recursive: true, force: true });
  }
}

export async function until(condition: () => boolean, what: string, deadlineMs = 20_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain until ${what}.`);
    await delay(10);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie answers signal 0, but is only an entry that nobody has collected.
  return !/^\d+ \(.*\) Z/s.test(readStat(pid));
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}

/** Fixture processes of this test process, found by the name of their script. */
function livingFixtures(): readonly string[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter(
    (line) => line.includes(FIXTURES) && line.includes(` ${process.pid} `) && !/ Z/.test(line),
  );
}

export function textOf(result: unknown): string {
  const { content } = result as { content?: readonly { text?: string }[] };
  return content?.[0]?.text ?? '';
}
