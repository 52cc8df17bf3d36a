import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import type { Sessions, SessionLog } from '../../../src/host/session/contract.ts';
import { createSessionStore } from '../../../src/host/session/store.ts';
import { openState, type State } from '../../../src/host/state.ts';
import { eventsOf, openTestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const WRITER = fileURLToPath(new URL('../../fixtures/session-writer.ts', import.meta.url));

function storeOver(state: State): Sessions & SessionLog {
  return createSessionStore({
    state: async () => state,
    project: '/work-folder',
    redact: (value) => value,
    forget: async () => undefined,
    sweepFiles: async () => undefined,
  });
}

const said = (text: string) => ({ role: 'user' as const, content: [{ type: 'text' as const, text }] });

test('two processes that continue one session keep every run whole, under an ordinal of its own', async () => {
  await using home = await temporaryFolder('sessions');
  using state = openState(home.path);
  const store = storeOver(state);
  const { id } = await store.create();
  const RUNS = 40;
  const writers = ['a', 'b'].map((name) =>
    spawn(process.execPath, [WRITER, home.path, id, name, String(RUNS)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  );
  const ends = await Promise.all(writers.map((writer) => once(writer, 'close')));
  expect(ends.map(([code]) => code as number)).toEqual([0, 0]);
  const runs = await store.transcript(id);
  expect(runs).toHaveLength(2 * RUNS);
  for (const { runId, outcome, messages } of runs) {
    expect(outcome).toBe('done');
    expect(messages.map(({ message }) => JSON.stringify(message))).toEqual([
      expect.stringContaining(`${runId} user`),
      expect.stringContaining(`${runId} assistant`),
    ]);
  }
  const rows = state.database.prepare('SELECT ordinal FROM session_runs ORDER BY ordinal').all();
  expect(rows.map(({ ordinal }) => ordinal)).toEqual(
    Array.from({ length: 2 * RUNS }, (_, index) => index + 1),
  );
  expect((await store.history(id)).messages.map(({ role }) => role)).toEqual(
    Array.from({ length: 2 * RUNS }, () => ['user', 'assistant']).flat(),
  );
});

describe('state.db without room', () => {
  test('refuses a message whole, says what to do, and goes on where room is made', async () => {
    await using home = await temporaryFolder('sessions');
    using state = openState(home.path);
    const store = storeOver(state);
    const { id } = await store.create();
    const place = (position: number) => ({ sessionId: id, runId: 'run_1', position });
    await store.keep(place(0), said('kept before'));
    // SQLite answers a database that may not grow exactly as it answers a full disk.
    const pages = Number(state.database.prepare('PRAGMA page_count').get()?.['page_count']);
    state.database.exec(`PRAGMA max_page_count = ${pages}`);
    await expect(store.keep(place(1), said('x'.repeat(100_000)))).rejects.toMatchObject({
      code: 'store-full',
      message: expect.stringMatching(/state\.db.*intact.*Free some space/s),
    });
    state.database.exec('PRAGMA max_page_count = 1000000');
    await store.keep(place(1), said('kept afterwards'));
    const [run] = await store.transcript(id);
    expect(run?.messages.map(({ message }) => message)).toEqual([
      said('kept before'),
      said('kept afterwards'),
    ]);
  });

  test('costs a run its place in the session and not its answer', async () => {
    await using opened = await openTestHost({ script: () => ({ type: 'answer', text: 'The answer.' }) });
    const { sessions } = opened.host;
    const { id } = await sessions.create();
    using state = openState(opened.home);
    // Whatever else would be written is refused as well: the trigger stands for a disk that fails in mid-run.
    state.database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON messages BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
    );
    const handle = await opened.host.ask('A question.', { sessionId: id });
    const events = await eventsOf(handle);
    expect(await handle.result).toMatchObject({ type: 'done', output: { text: 'The answer.' } });
    const notices = events.filter((event) => event.type === 'notice');
    expect(notices).toMatchObject([
      { code: 'session-not-kept', message: expect.stringMatching(/not kept.*state\.db.*disk is full/s) },
    ]);
  });
});

test('pages of state.db that are damaged fail what reads them, with the path and advice, and stay as they are', async () => {
  await using home = await temporaryFolder('home');
  const file = join(home.path, 'state.db');
  let id = '';
  {
    using state = openState(home.path);
    const store = storeOver(state);
    ({ id } = await store.create());
    for (let position = 0; position < 60; position += 1)
      await store.keep({ sessionId: id, runId: 'run_1', position }, said(`${position} `.repeat(600)));
    state.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }
  const bytes = readFileSync(file);
  bytes.fill(0xff, Math.floor(bytes.length * 0.6));
  writeFileSync(file, bytes);
  await using opened = await openTestHost({
    script: () => ({ type: 'answer', text: 'Hello.' }),
    home: home.path,
  });
  const continued = await (await opened.host.ask('Go on.', { sessionId: id })).result;
  // Which page it comes to first depends on how SQLite has laid them out: that of the run's own record, or of its rows.
  expect(continued.type).toMatch(/^(failed|suspended)$/);
  expect(JSON.stringify(continued)).toContain(`${file} is damaged`);
  expect(opened.model.requests).toHaveLength(0);
  expect(readFileSync(file).equals(bytes)).toBe(true);
});

describe('deleting', () => {
  /** In lengths that make SQLite move rows between pages when others are deleted. */
  async function fill(store: Sessions & SessionLog, ids: readonly string[], seed = 1): Promise<void> {
    const random = randomBelow(seed);
    for (let number = 0; number < 300; number += 1) {
      const id = ids[random(ids.length)] ?? '';
      const text = `planted-${id} `.repeat(1 + random(60));
      await store.keep({ sessionId: id, runId: `run_${number}`, position: 0 }, said(text));
    }
  }

  function filesWith(folder: string, text: string): string[] {
    return readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(text));
  }

  test('leaves nothing in parts of pages that rows were moved out of', async () => {
    await using home = await temporaryFolder('sessions');
    using state = openState(home.path);
    const store = storeOver(state);
    // One such round in two leaves copies behind where rows are only deleted and overwritten.
    for (let round = 0; round < 4; round += 1) {
      const ids: string[] = [];
      for (let number = 0; number < 20; number += 1) ids.push((await store.create()).id);
      await fill(store, ids, round + 1);
      for (const id of ids) {
        expect(await store.delete(id)).toEqual({});
        expect(filesWith(home.path, `planted-${id}`)).toEqual([]);
      }
    }
    expect(await store.list()).toEqual([]);
  });

  test('says so where another program still reads what was there, and is finished by who opens it next', async () => {
    await using home = await temporaryFolder('sessions');
    const marker = join(home.path, 'state.erasing');
    let id = '';
    {
      using state = openState(home.path);
      const store = storeOver(state);
      ({ id } = await store.create());
      await fill(store, [id]);
      using reader = openState(home.path);
      const reading = reader.database.prepare('SELECT * FROM messages').iterate();
      reading.next();
      const { traces } = await store.delete(id);
      expect(traces).toContain('another program keeps reading it');
      expect(await store.list()).toEqual([]);
      expect(existsSync(marker)).toBe(true);
    }
    using _ = openState(home.path);
    expect(existsSync(marker)).toBe(false);
    expect(filesWith(home.path, `planted-${id}`)).toEqual([]);
  });
});

/** A linear congruential generator: the same numbers for a seed. */
function randomBelow(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % count;
  };
}
