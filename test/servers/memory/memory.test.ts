import { spawnSync } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { describe, expect, test, vi } from 'vitest';

import { IDEMPOTENCY_KEY } from '../../../src/config/idempotency-key.ts';
import { RUNNER } from '../../fixtures/start-server.ts';
import { openWorld } from './world.ts';

describe('what goes wrong', () => {
  test('a damaged database is refused with its path and advice, and left as it is', async () => {
    await using world = await openWorld();
    const first = await world.start();
    await first.call('remember', { text: 'Soon out of reach.' });
    const [found = ''] = await world.filesWith('Soon out of reach.');
    await first[Symbol.asyncDispose]();
    const file = join(dirname(found), 'store.db');
    const damaged = Buffer.from('this is no database '.repeat(500));
    await writeFile(file, damaged);
    const second = await world.start();
    for (const [tool, given] of [
      ['remember', { text: 'More.' }],
      ['recall', { query: 'reach' }],
      ['list_facts', {}],
      ['forget', { all: true }],
    ] as const) {
      const answer = await second.call(tool, given);
      expect(answer.isError).toBe(true);
      expect(answer.text).toContain(file);
      expect(answer.text).toContain('move it away');
    }
    expect((await readFile(file)).equals(damaged)).toBe(true);
    const person = await second.call('remember', { text: 'The other store works.', scope: 'person' });
    expect(person.isError).toBe(false);
  });

  test('empty texts, odd session ids and unknown facts are refused in words', async () => {
    await using world = await openWorld();
    const server = await world.start();
    expect((await server.call('remember', { text: '  \n ' })).text).toContain('must not be empty');
    const odd = await server.call('get_summary', { sessionId: 'two words' });
    expect(odd.text).toContain('without white space');
    const unknown = await server.call('update_fact', { factId: 'none', text: 'x' });
    expect(unknown).toMatchObject({ isError: true, text: expect.stringContaining("no fact 'none'") });
    expect((await server.call('recall', { query: '?!' })).isError).toBe(false);
  });

  test('without an embedder it searches by words and says so', async () => {
    await using world = await openWorld();
    const server = await world.start();
    await server.call('remember', { text: 'The spare key hangs behind the barometer.' });
    const answer = await server.call('recall', { query: 'Where is the spare key?' });
    expect(answer.structured).toMatchObject({
      mode: 'lexical',
      memories: [{ type: 'fact', complete: true }],
    });
    expect(answer.structured['note']).toContain('embedder');
    expect(answer.text).toContain('by words only');
  });

  test('servers that open a fresh memory in the same moment do not find it locked', async () => {
    for (let round = 0; round < 5; round += 1) {
      await using world = await openWorld();
      const servers = await Promise.all([world.start(), world.start(), world.start()]);
      const answers = await Promise.all(
        servers.map((server, which) => server.call('remember', { text: `Server ${which} was here.` })),
      );
      expect(answers.map(({ isError, text }) => (isError ? text : ''))).toEqual(['', '', '']);
      expect((await servers[0]?.call('list_facts'))?.structured['total']).toBe(3);
    }
  });

  test('a project that is no folder is refused before anything is served', async () => {
    await using world = await openWorld();
    const missing = join(world.project, 'missing');
    const run = spawnSync(process.execPath, [RUNNER, 'memory', '--project', missing], {
      encoding: 'utf8',
      env: { ...process.env, SWITCHYARD_HOME: world.project },
    });
    expect(run.status).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain(`${missing} is no folder`);
  });

  test('two processes that remember and recall at once lose nothing and store equal texts once', async () => {
    await using world = await openWorld();
    const servers = [await world.start(), await world.start()];
    const EACH = 40;
    const work = servers.map(async (server, which) => {
      for (let number = 0; number < EACH; number += 1) {
        const own = await server.call('remember', { text: `Server ${which} keeps number ${number}.` });
        const shared = await server.call('remember', { text: `Both know number ${number}.` });
        const at = new Date(Date.UTC(2026, 0, 1, which, number)).toISOString();
        const turns = [{ role: 'user', text: `Turn ${number} of server ${which}.`, at }];
        const appended = await server.call('append_turns', { sessionId: 'shared', turns });
        const recalled = await server.call('recall', { query: `server ${which} keeps number ${number}` });
        for (const answer of [own, shared, appended, recalled])
          expect(answer.isError, answer.text).toBe(false);
      }
    });
    await Promise.all(work);
    const listed = await servers[0]?.call('list_facts', { limit: 1 });
    expect(listed?.structured['total']).toBe(3 * EACH);
    const forgotten = await servers[1]?.call('forget', { sessionId: 'shared' });
    expect(forgotten?.structured).toEqual({ forgotten: 2 * EACH });
  });
});

describe('facts', () => {
  test('an equal text is stored once, is listed with its source, and can be changed but not into another', async () => {
    await using world = await openWorld();
    const server = await world.start();
    const given = { text: 'The meeting is on Tuesday.', source: 'letter of 3 May', kind: 'note' };
    const first = await server.call('remember', given);
    const again = await server.call('remember', { text: ' The meeting is on Tuesday.\n' });
    expect(first.structured).toMatchObject({ stored: true, kind: 'note', scope: 'project' });
    expect(again.structured).toEqual({ ...first.structured, stored: false });
    const other = await server.call('remember', { text: 'The hall is booked.' });
    const factId = first.structured['factId'];
    const clash = await server.call('update_fact', { factId, text: 'The hall is booked.' });
    expect(clash).toMatchObject({ isError: true });
    expect(clash.text).toContain(String(other.structured['factId']));
    const changed = await server.call('update_fact', { factId, text: 'The meeting is on Friday.' });
    expect(changed.structured).toMatchObject({ factId, source: 'letter of 3 May', kind: 'note' });
    const listed = await server.call('list_facts');
    expect(listed.structured).toMatchObject({
      total: 2,
      facts: [
        { factId, text: 'The meeting is on Friday.', createdAt: first.structured['createdAt'] },
        { text: 'The hall is booked.' },
      ],
    });
    const recalled = await server.call('recall', { query: 'meeting' });
    expect(recalled.structured['memories']).toMatchObject([{ factId, source: 'letter of 3 May' }]);
    expect((await server.call('recall', { query: 'Tuesday' })).structured['memories']).toEqual([]);
  });

  test('facts of the person are recalled in every project, those of a project in none but its own', async () => {
    await using world = await openWorld();
    const here = await world.start();
    const there = await world.start(join(world.project, 'other'));
    await here.call('remember', { text: 'Likes answers in French.', scope: 'person' });
    await here.call('remember', { text: 'Answers are checked by Ines.' });
    const recalled = await there.call('recall', { query: 'answers' });
    expect(recalled.structured['memories']).toMatchObject([
      { text: 'Likes answers in French.', scope: 'person' },
    ]);
    const again = await there.call('remember', { text: 'Likes answers in French.' });
    expect(again.structured).toMatchObject({ stored: false, scope: 'person' });
  });

  test('they survive the process, a page at a time', async () => {
    await using world = await openWorld();
    const first = await world.start();
    for (const number of [1, 2, 3]) await first.call('remember', { text: `Number ${number}.` });
    await first[Symbol.asyncDispose]();
    const second = await world.start();
    const page = await second.call('list_facts', { limit: 2 });
    expect(page.structured).toMatchObject({ total: 3, nextOffset: 2 });
    const rest = await second.call('list_facts', { limit: 2, offset: 2 });
    expect(rest.structured).toMatchObject({ facts: [{ text: 'Number 3.' }] });
    expect(rest.structured['nextOffset']).toBeUndefined();
  });
});

describe('history and summaries', () => {
  test('turns are found with session, speaker and time; a repeated call appends nothing twice', async () => {
    await using world = await openWorld();
    const server = await world.start();
    const at = '2026-03-01T10:00:00.000Z';
    const turns = [
      { role: 'user', text: 'Which port does the gateway use?', at },
      { role: 'assistant', text: 'The gateway listens on port 4711.', at },
    ];
    await server.call('append_turns', { sessionId: 'a', turns });
    const again = await server.call('append_turns', { sessionId: 'a', turns });
    expect(again.structured).toEqual({ sessionId: 'a', appended: 0, known: 2 });
    await server.call('append_turns', {
      sessionId: 'b',
      turns: [{ role: 'user', text: 'No gateway today.' }],
    });
    const found = await server.call('search_history', { query: '4711' });
    expect(found.structured['turns']).toEqual([
      {
        type: 'turn',
        text: 'The gateway listens on port 4711.',
        complete: true,
        at,
        scope: 'project',
        sessionId: 'a',
        role: 'assistant',
      },
    ]);
    const inB = await server.call('search_history', { query: 'gateway', sessionId: 'b' });
    expect(inB.structured['turns']).toMatchObject([{ sessionId: 'b' }]);
  });

  test('a summary replaces the one before and is recalled beside facts and turns', async () => {
    await using world = await openWorld();
    const server = await world.start();
    expect((await server.call('get_summary', { sessionId: 'a' })).structured).toEqual({
      sessionId: 'a',
      found: false,
    });
    await server.call('save_summary', { sessionId: 'a', text: 'They spoke of falcons.' });
    const text = 'They chose the falcon as emblem. '.repeat(60);
    const replaced = await server.call('save_summary', { sessionId: 'a', text });
    expect(replaced.structured).toMatchObject({ replaced: true });
    expect((await server.call('get_summary', { sessionId: 'a' })).structured).toMatchObject({ text });
    await server.call('remember', { text: 'The falcon is drawn by Odile.' });
    await server.call('append_turns', {
      sessionId: 'a',
      turns: [{ role: 'user', text: 'A falcon, please.' }],
    });
    const recalled = await server.call('recall', { query: 'falcon', limit: 20 });
    const types = (recalled.structured['memories'] as { type: string }[]).map(({ type }) => type);
    expect(new Set(types)).toEqual(new Set(['fact', 'summary', 'turn']));
  });

  test('recall stays within its budget and says what it left out', async () => {
    await using world = await openWorld();
    const server = await world.start();
    for (const number of [1, 2, 3, 4]) {
      await server.call('remember', {
        text: `Lighthouse ${number}: ${'a long description of it. '.repeat(12)}`,
      });
    }
    const answer = await server.call('recall', { query: 'lighthouse', budgetTokens: 220 });
    expect(answer.structured['tokens']).toBeLessThanOrEqual(220);
    expect(answer.structured['omitted']).toBeGreaterThan(0);
    expect(answer.text).toContain('did not fit');
  });
});

test('turns with ids are stored once, and recall leaves out those of the session that asks', async () => {
  await using world = await openWorld();
  const server = await world.start();
  const turns = [{ id: 'run_1.1', role: 'user', text: 'The ferry leaves from pier nine.' }];
  const first = await server.call('append_turns', { sessionId: 'one', turns });
  const again = await server.call('append_turns', { sessionId: 'one', turns });
  expect([first.structured['appended'], again.structured['appended']]).toEqual([1, 0]);
  const query = 'From which pier does the ferry leave?';
  const elsewhere = await server.call('recall', { query, exceptSessionId: 'two' });
  expect(elsewhere.structured['memories']).toMatchObject([{ type: 'turn', sessionId: 'one' }]);
  const own = await server.call('recall', { query, exceptSessionId: 'one' });
  expect(own.structured['memories']).toEqual([]);
  const facts = await server.call('recall', { query, only: 'facts' });
  expect(facts.structured['memories']).toEqual([]);
});

test('turns that say neither id nor time are stored once for each idempotency key, also in another process', async () => {
  await using world = await openWorld();
  const turns = ['Aye.', 'Aye.'].map((text) => ({ role: 'user', text }));
  const append = async (key: string): Promise<unknown> => {
    await using server = await world.start();
    const { tools } = await server.client.listTools();
    expect(tools.find(({ name }) => name === 'append_turns')?._meta).toEqual({ [IDEMPOTENCY_KEY]: true });
    const _meta = { [IDEMPOTENCY_KEY]: key };
    const args = { sessionId: 'one', turns };
    return (await server.client.callTool({ name: 'append_turns', arguments: args, _meta })).structuredContent;
  };
  expect(await append('a')).toMatchObject({ appended: 2, known: 0 });
  expect(await append('a')).toMatchObject({ appended: 0, known: 2 });
  expect(await append('b')).toMatchObject({ appended: 2, known: 0 });
});

test('what was said before a fact changed is not recalled any more, and is still in the history', async () => {
  await using world = await openWorld();
  const server = await world.start();
  const said = async (text: string): Promise<void> => {
    await server.call('append_turns', { sessionId: 'one', turns: [{ role: 'user', text }] });
  };
  await said('By the way, the ferry leaves from pier nine.');
  const fact = await server.call('remember', {
    text: 'The ferry leaves from pier nine.',
    source: 'session one',
  });
  await said('The ferry to the island has a new captain.');
  const factId = fact.structured['factId'];
  const text = 'The ferry leaves from pier four, not from pier nine.';
  const changed = await server.call('update_fact', { factId, text, source: 'session two' });
  expect(changed.structured).toMatchObject({ text, source: 'session two' });
  const answer = await server.call('recall', { query: 'Where does the ferry leave, from which pier?' });
  expect(answer.structured['outdated']).toBe(1);
  expect(answer.text).toContain('pier four');
  expect(answer.text).not.toContain('By the way');
  const history = await server.call('search_history', { query: 'ferry pier nine' });
  expect(history.text).toContain('By the way, the ferry leaves from pier nine.');
  const repeated = await server.call('update_fact', { factId, text });
  expect(repeated.structured['updatedAt']).toBe(changed.structured['updatedAt']);
  await server.call('forget', { factId });
  await server.call('forget', { sessionId: 'one' });
  expect(await world.filesWith('pier nine')).toEqual([]);
});

test('every tool has a title, a description, both schemas and annotations; only reading ones say so', async () => {
  await using world = await openWorld();
  const server = await world.start();
  const { tools } = await server.client.listTools();
  for (const tool of tools) {
    expect(tool.title, tool.name).toBeTruthy();
    expect(tool.description, tool.name).toBeTruthy();
    expect(tool.outputSchema, tool.name).toBeDefined();
  }
  const reading = tools.filter((tool) => tool.annotations?.readOnlyHint === true).map(({ name }) => name);
  expect(reading.toSorted()).toEqual(['get_summary', 'list_facts', 'recall', 'search_history']);
  expect(tools).toHaveLength(9);
  expect(await readdir(world.data)).toHaveLength(1);
});

test('with the embedder, a memory is found by its meaning, and one on something else is not', async () => {
  await using world = await openWorld({ embedder: true });
  const server = await world.start();
  await server.call('remember', { text: 'Her physician told her to avoid nuts.' });
  await server.call('remember', { text: 'The invoice is paid by bank transfer.' });
  await vi.waitFor(
    async () => {
      const answer = await server.call('recall', { query: 'Is there a food allergy?' });
      expect(answer.structured['mode']).toBe('fused');
      expect(answer.structured['memories']).toMatchObject([{ text: expect.stringContaining('nuts') }]);
    },
    { timeout: 30_000, interval: 100 },
  );
});
