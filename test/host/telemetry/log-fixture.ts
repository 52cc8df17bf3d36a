import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLog, type Log, type LogOptions } from '../../../src/host/telemetry/log.ts';

export interface LogFixture extends AsyncDisposable {
  readonly home: string;
  readonly stderr: { isTTY?: boolean; text: string; write(text: string): boolean };
  open(options?: Partial<LogOptions>): Log;
  /** The lines of all log files in order, parsed. */
  lines(): Record<string, unknown>[];
  text(): string;
  files(): string[];
}

export function logFixture(): LogFixture {
  const home = mkdtempSync(join(tmpdir(), 'switchyard-log-'));
  const stderr = {
    text: '',
    write(text: string) {
      stderr.text += text;
      return true;
    },
  };
  const logs: Log[] = [];
  const files = () => readdirSync(join(home, 'logs')).sort(partOrder);
  const text = () =>
    files()
      .map((name) => readFileSync(join(home, 'logs', name), 'utf8'))
      .join('');
  return {
    home,
    stderr,
    files,
    text,
    open: (options = {}) => {
      const log = createLog({
        homeFolder: home,
        settings: { level: 'debug', keepDays: 14, maxBytes: 100_000_000 },
        env: {},
        config: { servers: [], models: {}, triggers: {} },
        stderr,
        ...options,
      });
      logs.push(log);
      return log;
    },
    lines: () =>
      text()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    [Symbol.asyncDispose]: async () => {
      for (const log of logs) await log.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function partOrder(a: string, b: string): number {
  const part = (name: string) => Number(/\.(\d+)\.jsonl$/.exec(name)?.[1] ?? 0);
  return part(a) - part(b) || (a < b ? -1 : 1);
}
