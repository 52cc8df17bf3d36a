import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { LogEntry } from '../../../src/registry/contract.ts';
import { type LogFixture, logFixture } from './log-fixture.ts';

let fixture: LogFixture;
beforeEach(() => {
  fixture = logFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const entry = (event: string, fields: LogEntry['fields'] = {}): LogEntry => ({
  level: 'info',
  component: 'test',
  event,
  fields,
});

/** Runs a log in a process of its own and returns how it ended. */
async function inChild(
  mode: string,
  shellPrefix = '',
  isRead = true,
): Promise<{ code: number | null; stderr: string }> {
  const script = fileURLToPath(new URL('./log-process.ts', import.meta.url));
  const command = `${shellPrefix} exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', command, process.execPath, script, mode, fixture.home], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  if (!isRead) child.stderr.destroy();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

describe('what stops others and not the program', () => {
  test('a log folder that cannot be made is told once, and the program goes on', async () => {
    writeFileSync(join(fixture.home, 'logs'), 'a file in the way');
    const log = fixture.open();
    for (let number = 0; number < 5; number += 1) {
      log.sink(entry('tried', { number }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await log.close();
    expect(fixture.stderr.text.match(/cannot be written/g)).toHaveLength(1);
    expect(fixture.stderr.text).toContain('Going on without it');
  });

  test('a full disk is told once, the program goes on, and no half line stays', async () => {
    // A limit on the size of files stands in for the disk: the same call fails in the middle of a line.
    const { code, stderr } = await inChild('full', 'ulimit -f 8;');
    expect(code).toBe(0);
    expect(stderr.match(/cannot be written/g)).toHaveLength(1);
    expect(stderr).toContain('still working');
    for (const line of fixture.lines()) expect(line).toHaveProperty('event');
  });

  test('lines that were lost are counted when writing succeeds again', async () => {
    writeFileSync(join(fixture.home, 'logs'), 'in the way');
    const log = fixture.open();
    log.sink(entry('lost'));
    await expect.poll(() => fixture.stderr.text, { timeout: 5000 }).toContain('cannot be written');
    unlinkSync(join(fixture.home, 'logs'));
    log.sink(entry('kept'));
    await log.close();
    expect(fixture.lines()).toMatchObject([
      { event: 'log-lines-lost', fields: { count: 1 } },
      { event: 'kept' },
    ]);
  });

  test('standard error that nobody reads any more ends nothing', async () => {
    const { code } = await inChild('flood', '', false);
    expect(code).toBe(0);
    expect(fixture.lines()).toHaveLength(2000);
  });
});

describe('no secret', () => {
  test('reaches the file or standard error by any field, name or level', async () => {
    const secret = 'correct-horse-battery';
    const log = fixture.open({ env: { SOME_TOKEN: secret }, stderrLevel: 'debug' });
    for (const level of ['error', 'warn', 'info', 'debug'] as const) {
      log.sink({
        level,
        component: 'test',
        event: 'said',
        server: `server-${secret}`,
        fields: {
          text: `before ${secret} after`,
          [secret]: 1,
          nested: { list: [[secret]], deep: { a: { b: { c: secret } } } },
          long: `${'x'.repeat(1995)}${secret}`,
          veryLong: `${'x'.repeat(100_000)}${secret}`,
          url: `https://me:${secret}@host`,
        },
      });
    }
    await log.close();
    expect(fixture.lines()).toHaveLength(4);
    for (const written of [fixture.text(), fixture.stderr.text]) {
      expect(written).not.toContain(secret);
      expect(written).not.toContain('correct');
      expect(written).toContain('[redacted]');
    }
  });
});

describe('lines', () => {
  test('stand in the order in which they came, also across rotation and winston’s late arrival', async () => {
    const log = fixture.open({ maxFileBytes: 8000 });
    for (let number = 0; number < 400; number += 1) {
      log.sink(entry('counted', { number }));
      if (number % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 120));
    }
    await log.close();
    expect(fixture.lines().map((line) => (line['fields'] as { number: number }).number)).toEqual(
      Array.from({ length: 400 }, (_, number) => number),
    );
    expect(fixture.files().length).toBeGreaterThan(2);
    for (const name of fixture.files()) {
      expect(statSync(join(fixture.home, 'logs', name)).size).toBeLessThanOrEqual(8000);
    }
  });

  test('have time, level, component, event, run, step, server and fields', async () => {
    const log = fixture.open();
    log.sink({
      level: 'warn',
      component: 'registry',
      event: 'connect-failed',
      server: 'github',
      run: 'run-1',
      step: 'turn-1/model',
      fields: { reason: 'it exited' },
    });
    await log.close();
    expect(fixture.lines()).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'warn',
        component: 'registry',
        event: 'connect-failed',
        run: 'run-1',
        step: 'turn-1/model',
        server: 'github',
        fields: { reason: 'it exited' },
      },
    ]);
  });

  test('say how much of a large value they leave out', async () => {
    const log = fixture.open();
    log.sink(
      entry('large', {
        text: 'x'.repeat(5000),
        list: Array.from({ length: 60 }, () => 1),
        in: { text: 'y'.repeat(500) },
      }),
    );
    await log.close();
    expect(fixture.lines()).toMatchObject([
      {
        fields: {
          text: expect.stringMatching(/^x{2000}… 3000 more characters$/),
          list: expect.arrayContaining(['… 10 more']),
          in: { text: expect.stringMatching(/^y{200}… 300 more characters$/) },
        },
      },
    ]);
  });

  test('are chosen by level, for the file and for standard error', async () => {
    const log = fixture.open({
      settings: { level: 'info', keepDays: 1, maxBytes: 1e6 },
      stderrLevel: 'error',
    });
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log.sink({ ...entry(level), level });
    await log.close();
    expect(fixture.lines().map((line) => line['event'])).toEqual(['info', 'warn', 'error']);
    expect(fixture.stderr.text).toMatch(/^\S+ error test error\n$/);
  });

  test('on a terminal have colour unless NO_COLOR is set, and never a control character of others', async () => {
    fixture.stderr.isTTY = true;
    const evil = { text: '\u001b[31mred\u009b\nline\u202e' };
    const coloured = fixture.open({ stderrLevel: 'info' });
    coloured.sink(entry('first', evil));
    await coloured.close();
    expect(fixture.stderr.text).toContain('\u001b[32minfo');
    expect(fixture.stderr.text).not.toContain('\u001b[31mred');
    fixture.stderr.text = '';
    const plain = fixture.open({ stderrLevel: 'info', env: { NO_COLOR: '1' } });
    plain.sink(entry('second', evil));
    await plain.close();
    expect(fixture.stderr.text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(fixture.stderr.text.match(/\n/g)).toHaveLength(1);
  });

  test('are all written when the process exits in the same moment', async () => {
    for (const mode of ['exit-early', 'exit-late']) {
      const { code } = await inChild(mode);
      expect(code).toBe(3);
    }
    const numbers = fixture.lines().map((line) => (line['fields'] as { number: number }).number);
    const expected = Array.from({ length: 300 }, (_, number) => number);
    expect(numbers).toEqual([...expected, ...expected]);
  });
});

describe('files', () => {
  test('are named by start and process, and are their owner’s alone', async () => {
    const log = fixture.open();
    log.sink(entry('one'));
    await log.close();
    expect(log.file).toMatch(new RegExp(`[/\\\\]logs[/\\\\]\\d{8}T\\d{9}Z-${process.pid}\\.jsonl$`));
    expect(statSync(log.file).mode & 0o777).toBe(0o600);
    expect(statSync(join(fixture.home, 'logs')).mode & 0o777).toBe(0o700);
  });

  test('have one writer each, also where two logs open in the same moment', async () => {
    const logs = [fixture.open(), fixture.open(), fixture.open()];
    for (const [number, log] of logs.entries()) log.sink(entry('mine', { number }));
    for (const log of logs) await log.close();
    expect(new Set(logs.map((log) => log.file)).size).toBe(3);
    for (const log of logs) expect(readFileSync(log.file, 'utf8').split('\n')).toHaveLength(2);
  });

  test('no file is made where nothing is logged', async () => {
    await fixture.open().close();
    expect(readdirSync(fixture.home)).toEqual([]);
  });

  test('too old ones go, then the oldest of too many bytes, and those of living hosts stay', async () => {
    const folder = join(fixture.home, 'logs');
    mkdirSync(folder);
    const deadPid = await exitedPid();
    const put = (day: string, pid: number, bytes: number, ageDays: number): string => {
      const name = `202601${day}T000000000Z-${pid}.jsonl`;
      const changed = Date.now() / 1000 - ageDays * 86_400;
      writeFileSync(join(folder, name), 'x'.repeat(bytes));
      utimesSync(join(folder, name), changed, changed);
      return name;
    };
    const old = put('01', deadPid, 10, 20);
    const oldOfLiving = put('02', process.ppid, 10, 20);
    const large = put('03', deadPid, 900_000, 5);
    const recent = put('04', deadPid, 900_000, 1);
    writeFileSync(join(folder, 'notes.txt'), 'not a log');
    const log = fixture.open({ settings: { level: 'info', keepDays: 14, maxBytes: 1_000_000 } });
    log.sink(entry('one'));
    await log.close();
    const left = readdirSync(folder);
    expect(left).toEqual(expect.arrayContaining([oldOfLiving, recent, 'notes.txt']));
    expect(left).not.toContain(old);
    expect(left).not.toContain(large);
    expect(left).toHaveLength(4);
  });
});

async function exitedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('the settings and secrets of a changed config hold from then on', async () => {
  await using fixture = logFixture();
  const log = fixture.open({ settings: { level: 'info', keepDays: 14, maxBytes: 100_000_000 } });
  const entry = { level: 'debug', component: 'test', event: 'said' } as const;
  log.sink({ ...entry, fields: { text: 'unheard' } });
  const server = { command: 'x', args: [], env: { PASSPHRASE: 'winter-orchard-7' }, disabled: false };
  log.use({
    servers: [
      { ...server, type: 'stdio', name: 'one', start: 'on-use', trust: 'none', timeoutMs: 1, tools: {} },
    ],
    models: {},
    triggers: {},
    logs: { level: 'debug', keepDays: 14, maxBytes: 100_000_000 },
  });
  log.sink({ ...entry, fields: { text: 'it is winter-orchard-7' } });
  await log.close();
  expect(fixture.lines()).toHaveLength(1);
  expect(fixture.text()).toContain('it is [redacted');
  expect(fixture.text()).not.toContain('winter-orchard-7');
});
