import { expect, test } from 'vitest';

import { suspended } from '../../../src/host/engine/outcome.ts';
import type { ModelMessage } from '../../../src/host/model/model.ts';
import { createRunArchive } from '../../../src/host/run-archive.ts';
import { createSessionStore } from '../../../src/host/session/store.ts';
import { openState } from '../../../src/host/state.ts';
import type { ModelReply } from '../../fixtures/model/model-server.ts';
import { openTestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

async function openStore() {
  const folder = await temporaryFolder('histories');
  const state = openState(folder.path);
  const store = createSessionStore({
    state: async () => state,
    project: '/work-folder',
    redact: (value) => value,
    forget: async () => undefined,
    sweepFiles: async () => undefined,
  });
  const { id } = await store.create();
  return {
    store,
    id,
    /** One run of the conversation, as its end leaves it. */
    async talk(runId: string, text: string): Promise<void> {
      const place = { sessionId: id, runId };
      await store.keep({ ...place, position: 0 }, { role: 'user', content: [{ type: 'text', text }] });
      const content = [{ type: 'text' as const, text: `I heard: ${text}` }];
      await store.keep({ ...place, position: 1 }, { role: 'assistant', content });
      await store.end(place, 'done');
    },
    keptBytes: () =>
      Number(state.database.prepare('SELECT sum(length(messages)) AS bytes FROM histories').get()?.['bytes']),
    async [Symbol.asyncDispose]() {
      state[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('a history stays what it was while the conversation goes on, is reduced and goes on again', async () => {
  await using opened = await openStore();
  const { store, id } = opened;
  const taken = [await store.history(id)];
  for (let run = 1; run <= 3; run += 1) {
    await opened.talk(`run_${run}`, `part ${run}`);
    taken.push(await store.history(id));
  }
  const view: ModelMessage[] = [{ role: 'user', content: [{ type: 'text', text: 'All of it in short.' }] }];
  await store.keepView(id, view);
  taken.push(await store.history(id));
  await opened.talk('run_4', 'part 4');
  taken.push(await store.history(id));

  expect(taken.map(({ messages }) => messages.length)).toEqual([0, 2, 4, 6, 2, 4]);
  expect(new Set(taken.map(({ revision }) => revision)).size).toBe(taken.length);
  for (const { revision, messages } of taken) expect(await store.historyAt(revision)).toEqual(messages);
});

test('what was said is kept once, however many runs began after it', async () => {
  await using opened = await openStore();
  for (let run = 1; run <= 30; run += 1) {
    await opened.store.history(opened.id);
    await opened.talk(`run_${run}`, 'x'.repeat(1_000));
  }
  const { messages } = await opened.store.history(opened.id);
  expect(opened.keptBytes()).toBeLessThan(JSON.stringify(messages).length + 1_000);
});

test('histories go with their session', async () => {
  await using opened = await openStore();
  await opened.talk('run_1', 'a secret plan');
  const { revision } = await opened.store.history(opened.id);
  await opened.store.delete(opened.id);
  await expect(opened.store.historyAt(revision)).rejects.toMatchObject({ code: 'history-unknown' });
  expect(opened.keptBytes()).toBe(0);
});

test('a history goes with the last run that was given it', async () => {
  await using opened = await openTestHost({ script: () => ({ type: 'answer', text: 'Understood.' }) });
  const { host, home } = opened;
  const { id: sessionId } = await host.sessions.create();
  const runs: string[] = [];
  for (const request of ['My cat is Nero.', 'My dog is Rex.', 'My bird is Ada.']) {
    const run = await host.ask(request, { sessionId });
    await run.result;
    runs.push(run.id);
  }
  using state = openState(home);
  const archive = createRunArchive({
    state: async () => state,
    homeFolder: home,
    sessions: host.sessions,
    sweepResults: async () => undefined,
  });
  const kept = (): string =>
    state.database
      .prepare('SELECT messages FROM histories')
      .all()
      .map(({ messages }) => String(messages))
      .join('\n');
  await archive.delete([runs[0] ?? ''], { erase: false });
  expect(kept()).toMatch(/Nero.*Rex/s);
  await archive.delete([runs[2] ?? ''], { erase: false });
  expect(kept()).toContain('Nero');
  expect(kept()).not.toContain('Rex');
  await archive.delete([runs[1] ?? ''], { erase: false });
  expect(kept()).toBe('');
});

test('a run that goes on in another host asks with what was said when it began', async () => {
  await using home = await temporaryFolder('histories');
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<ModelReply>();
  let sessionId = '';
  let runId = '';
  {
    await using first = await openTestHost({
      home: home.path,
      folder: home.path,
      script: (_, n) => {
        if (n === 0) return { type: 'answer', text: 'Nero, I see.' };
        asked.resolve();
        return answer.promise;
      },
    });
    sessionId = (await first.host.sessions.create()).id;
    await (await first.host.ask('My cat is called Nero.', { sessionId })).result;
    const leaving = new AbortController();
    const left = await first.host.ask('And my dog is called Rex.', { sessionId, signal: leaving.signal });
    runId = left.id;
    await asked.promise;
    leaving.abort(suspended('closing', 'The test leaves it.'));
    answer.resolve({ type: 'answer', toolCalls: [{ name: 'none__such', arguments: {} }] });
    expect(await left.result).toMatchObject({ type: 'suspended' });
  }
  await using second = await openTestHost({
    home: home.path,
    folder: home.path,
    script: () => ({ type: 'answer', text: 'Understood.' }),
  });
  await (await second.host.ask('My bird is called Ada.', { sessionId })).result;
  const resumed = await second.host.resume(runId);
  expect(await resumed.result).toMatchObject({ type: 'done' });
  const request = JSON.stringify(second.model.requests.at(-1)?.body);
  expect(request).toMatch(/Nero.*Nero, I see.*Rex.*none__such/s);
  expect(request).not.toContain('Ada');
});
