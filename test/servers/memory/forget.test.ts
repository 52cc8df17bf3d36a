import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { expect, test, vi } from 'vitest';

import type { StartedServer } from '../../fixtures/start-server.ts';
import { openWorld } from './world.ts';

const MANY = 300;

test('takes exactly one thing to forget, and forgets nothing otherwise', async () => {
  await using world = await openWorld();
  const server = await world.start();
  const fact = await server.call('remember', { text: 'The kettle is in the second cupboard.' });
  const wrong = [
    {},
    { all: true, sessionId: 's' },
    { factId: fact.structured['factId'], all: true },
    { sessionId: 's', scope: 'project' },
  ];
  for (const given of wrong) expect((await server.call('forget', given)).isError).toBe(true);
  const unknown = await server.call('forget', { factId: 'none' });
  expect(unknown).toMatchObject({ isError: true, text: expect.stringContaining('list_facts') });
  expect((await server.call('list_facts')).structured['total']).toBe(1);
});

test('a forgotten fact is in no byte of any file, and the others stay', async () => {
  await using world = await openWorld();
  const server = await world.start();
  await fill(server);
  const fact = await server.call('remember', {
    text: 'The safe opens with Zanzibarquux.',
    source: 'Wolframite',
  });
  await server.call('recall', { query: 'Zanzibarquux' });
  expect(await world.filesWith('Zanzibarquux')).not.toEqual([]);
  const forgotten = await server.call('forget', { factId: fact.structured['factId'] });
  expect(forgotten.structured).toEqual({ forgotten: 1 });
  expect(await world.filesWith('Zanzibarquux', 'zanzibarquux', 'Wolframite')).toEqual([]);
  expect((await server.call('recall', { query: 'Zanzibarquux' })).structured['memories']).toEqual([]);
  expect((await server.call('list_facts')).structured['total']).toBe(MANY);
});

test('a forgotten session leaves no turn, no summary and no name, while another process holds the files open', async () => {
  await using world = await openWorld();
  const server = await world.start();
  const other = await world.start();
  await fill(server);
  const turns = Array.from({ length: 50 }, (_, index) => ({
    role: 'user',
    text: `Grobnik${index} says hello.`,
  }));
  await server.call('append_turns', { sessionId: 'secret-session', turns });
  await server.call('append_turns', {
    sessionId: 'kept',
    turns: [{ role: 'user', text: 'Plain words stay.' }],
  });
  await other.call('save_summary', { sessionId: 'secret-session', text: 'All about Vexillumtarn.' });
  await other.call('search_history', { query: 'Grobnik7' });
  expect(await world.filesWith('Vexillumtarn')).not.toEqual([]);
  const forgotten = await server.call('forget', { sessionId: 'secret-session' });
  expect(forgotten.structured).toEqual({ forgotten: 51 });
  const traces = ['Grobnik', 'grobnik', 'Vexillumtarn', 'vexillumtarn', 'secret-session'];
  expect(await world.filesWith(...traces)).toEqual([]);
  expect((await other.call('get_summary', { sessionId: 'secret-session' })).structured['found']).toBe(false);
  const kept = await other.call('search_history', { query: 'plain words' });
  expect(kept.structured['turns']).toMatchObject([{ sessionId: 'kept' }]);
});

test('all forgets project and person alike; with a scope only the one', async () => {
  await using world = await openWorld();
  const server = await world.start();
  await server.call('remember', { text: 'Projectfactoid one.' });
  await server.call('remember', { text: 'Personfactoid one.', scope: 'person' });
  await server.call('forget', { all: true, scope: 'project' });
  expect(await world.filesWith('rojectfactoid')).toEqual([]);
  expect((await server.call('list_facts')).structured['facts']).toMatchObject([{ scope: 'person' }]);
  await server.call('append_turns', { sessionId: 's', turns: [{ role: 'user', text: 'Turnofspeech.' }] });
  expect((await server.call('forget', { all: true })).structured).toEqual({ forgotten: 2 });
  expect(await world.filesWith('ersonfactoid', 'urnofspeech')).toEqual([]);
  expect((await server.call('forget', { all: true })).text).toContain('nothing to forget');
});

test('a start finishes the forgetting that a dying process left undone', async () => {
  await using world = await openWorld();
  const first = await world.start();
  await fill(first);
  const files = await world.filesWith('Filler number');
  const [file = ''] = files;
  await first[Symbol.asyncDispose]();
  // As a process leaves it that dies between taking the rows out and cleaning the files.
  const marker = join(dirname(file), 'forgetting');
  await writeFile(marker, '');
  const second = await world.start();
  expect((await second.call('list_facts')).structured['total']).toBe(MANY);
  expect(existsSync(marker)).toBe(false);
});

test('a session is forgotten in every project that it left something in, also where one of them cannot be opened', async () => {
  await using world = await openWorld();
  const here = await world.start();
  const there = await world.start(join(world.project, 'there'));
  const turns = [{ role: 'user', text: 'Grobnikquux was said on the way.' }];
  for (const server of [here, there]) await server.call('append_turns', { sessionId: 'moved', turns });
  const broken = await world.start(join(world.project, 'broken'));
  await broken.call('remember', { text: 'Soon out of reach.' });
  const [file = ''] = await world.filesWith('Soon out of reach.');
  await broken[Symbol.asyncDispose]();
  await writeFile(join(dirname(file), 'store.db'), 'this is no database '.repeat(500));

  const forgotten = await here.call('forget', { sessionId: 'moved' });
  expect(forgotten).toMatchObject({ isError: true, text: expect.stringContaining('damaged or no database') });
  expect(await world.filesWith('Grobnikquux', 'grobnikquux')).toEqual([]);
  expect((await there.call('search_history', { query: 'Grobnikquux' })).structured['turns']).toEqual([]);
});

test('forgetting removes vectors from the index as well, and the rest is found again', async () => {
  await using world = await openWorld({ embedder: true });
  const server = await world.start();
  await server.call('remember', { text: 'Anna drives a lorry called Quetzalbrumm.' });
  const kept = await server.call('remember', { text: 'Bert grows tomatoes on the balcony.' });
  const fused = (query: string) =>
    vi.waitFor(
      async () => {
        const answer = await server.call('recall', { query });
        expect(answer.structured['mode']).toBe('fused');
        expect(answer.structured['note']).toBeUndefined();
        return answer.structured['memories'] as readonly {
          readonly factId: string;
          readonly text: string;
        }[];
      },
      { timeout: 30_000, interval: 100 },
    );
  expect((await fused('Who has a truck?'))[0]?.text).toContain('Quetzalbrumm');
  const listed = (await server.call('list_facts')).structured['facts'] as {
    factId: string;
    text: string;
  }[];
  const factId = listed.find(({ text }) => text.includes('Quetzalbrumm'))?.factId;
  await server.call('forget', { factId });
  expect(await world.filesWith('Quetzalbrumm', 'quetzalbrumm')).toEqual([]);
  const left = await fused('gardening, vegetables');
  expect(left.map((memory) => memory.factId)).toEqual([kept.structured['factId']]);
});

/** Enough that rows of the tables and of the full-text index lie on several pages. */
async function fill(server: StartedServer): Promise<void> {
  for (let number = 0; number < MANY; number += 1) {
    await server.call('remember', { text: `Filler number ${number} about harbours, ladders and weather.` });
  }
}
