import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { describe, expect, test } from 'vitest';

import { mountReadOnly } from '../../fixtures/small-disk.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { effectsIn, LINES, openLedgerHost, rowsOf } from './ledger-host.ts';

const ALL_ONCE = Object.fromEntries(LINES.map((label) => [label, 1]));
const ALL_COMPLETE = Object.fromEntries(LINES.map((label) => [label, 'complete']));

test('where another process holds state.db for long the run stops before its next effect, and goes on afterwards', async () => {
  await using folder = await temporaryFolder('locked');
  const ledger = join(folder.path, 'ledger');
  const holding = `
    import { DatabaseSync } from 'node:sqlite';
    const database = new DatabaseSync(${JSON.stringify(join(folder.path, 'state.db'))});
    database.exec('BEGIN IMMEDIATE');
    process.stdout.write('held');
    process.stdin.resume();`;
  let holder: ChildProcessByStdio<Writable, Readable, null> | undefined;
  await using first = await openLedgerHost({
    folder: folder.path,
    ledger,
    async atLine(label) {
      if (label !== 'd' || holder) return;
      holder = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', holding], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      await once(holder.stdout, 'data');
    },
  });
  const { engine } = first.host;
  const run = engine.start(first.lines, null);
  expect(await run.result).toMatchObject({
    type: 'suspended',
    reason: 'journal-unavailable',
    message: expect.stringMatching(
      /could not be written down.*state\.db is locked by another program.*Try again/,
    ),
  });
  expect(effectsIn(ledger)).toEqual({ a: 1, b: 1, c: 1 });
  const journaled = rowsOf(folder.path, run.id);
  const gone = once(holder as NonNullable<typeof holder>, 'close');
  holder?.stdin.end();
  await gone;
  expect(await (await engine.resume(run.id)).result).toMatchObject({ type: 'done', output: ALL_COMPLETE });
  expect(effectsIn(ledger)).toEqual(ALL_ONCE);
  expect(rowsOf(folder.path, run.id).slice(0, journaled.length)).toEqual(journaled);
});

test('in a folder that became read-only no run begins or goes on, and they do when it can be written again', async ({
  skip,
}) => {
  await using folder = await temporaryFolder('read-only');
  const path = join(folder.path, 'home');
  await mkdir(path);
  const ledger = join(folder.path, 'ledger');
  let isLeft = false;
  let leave = (): void => undefined;
  const options = {
    folder: path,
    ledger,
    atLine: (label: string) => {
      if (label === 'd' && !isLeft) leave();
    },
  };
  let runId: string;
  {
    await using first = await openLedgerHost(options);
    leave = () => {
      isLeft = true;
      void first.host.engine.close();
    };
    const run = first.host.engine.start(first.lines, null);
    runId = run.id;
    expect(await run.result).toMatchObject({ type: 'suspended', reason: 'closing' });
  }
  const told = {
    code: 'store-unwritable',
    message: expect.stringMatching(/state\.db cannot be opened for writing.*mounted read-only/),
  };
  {
    await using mounted = await mountReadOnly(path, path);
    if (mounted === undefined) return skip('file systems cannot be mounted here');
    await using second = await openLedgerHost(options);
    await expect(second.host.engine.resume(runId)).rejects.toMatchObject(told);
    const run = second.host.engine.start(second.lines, null);
    expect(await run.result).toMatchObject({ type: 'failed', error: told });
  }
  expect(effectsIn(ledger)).toEqual({ a: 1, b: 1, c: 1 });
  await using third = await openLedgerHost(options);
  const resumed = await third.host.engine.resume(runId);
  expect(await resumed.result).toMatchObject({ type: 'done', output: ALL_COMPLETE });
  expect(effectsIn(ledger)).toEqual(ALL_ONCE);
});

describe('a host whose clock is set back again and again', () => {
  test('keeps its run while it lives, and writes it down in order', async () => {
    await using folder = await temporaryFolder('clock');
    const ledger = join(folder.path, 'ledger');
    const first = startWithClock(folder.path, ledger);
    const runId = await first.line();
    expect(await first.line()).toBe('d');
    await using second = await openLedgerHost({
      folder: folder.path,
      ledger,
      atLine: () => undefined,
      leaseMs: 1_000,
    });
    for (const _ of [1, 2, 3])
      await expect(second.host.engine.resume(runId)).rejects.toMatchObject({ code: 'run-owned' });
    first.goOn();
    expect(await first.line()).toBe('done');
    expectInOrder(folder.path, runId);
    expect(effectsIn(ledger)).toEqual(ALL_ONCE);
    expect(await second.host.engine.replay(runId)).toMatchObject({ type: 'identical', complete: true });
  });

  test('leaves it to another one when it dies', async () => {
    await using folder = await temporaryFolder('clock');
    const ledger = join(folder.path, 'ledger');
    const first = startWithClock(folder.path, ledger);
    const runId = await first.line();
    expect(await first.line()).toBe('d');
    await first.kill();
    await using second = await openLedgerHost({ folder: folder.path, ledger, atLine: () => undefined });
    const resumed = await second.host.engine.resume(runId);
    expect(await resumed.result).toMatchObject({ type: 'done', output: ALL_COMPLETE });
    expectInOrder(folder.path, runId);
    expect(effectsIn(ledger)).toEqual(ALL_ONCE);
  });
});

/** Rows and events are numbered in the order in which they came, though the clock went the other way. */
function expectInOrder(home: string, runId: string): void {
  const rows = rowsOf(home, runId);
  expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index + 1));
  const events = rows
    .filter(({ type }) => type === 'event')
    .map(({ body }) => JSON.parse(String(body)) as { number: number });
  expect(events.map(({ number }) => number)).toEqual(events.map((_, index) => index + 1));
  const appended = rows.filter(({ name, type }) => name === 'append' && type === 'step');
  expect(appended.map(({ ordinal }) => ordinal)).toEqual(LINES.map((_, index) => index * 2 + 1));
  // All of these are of the first host.
  expect(Number(rows[4]?.['at_ms'])).toBeLessThan(Number(rows[0]?.['at_ms']) - 60_000);
}

interface ClockProcess {
  /** The next line that it writes. */
  line(): Promise<string>;
  goOn(): void;
  kill(): Promise<void>;
}

function startWithClock(folder: string, ledger: string): ClockProcess {
  const clock = join(import.meta.dirname, '../../fixtures/clock-back.ts');
  const program = join(import.meta.dirname, '../../fixtures/ledger-host-process.ts');
  const child = spawn(process.execPath, ['--no-warnings', '--import', clock, program, folder, ledger], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: Interface = createInterface({ input: child.stdout });
  const read = lines[Symbol.asyncIterator]();
  return {
    line: async () => String((await read.next()).value),
    goOn: () => void child.stdin.write('go on\n'),
    async kill() {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}
