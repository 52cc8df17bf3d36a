import { expect, test } from 'vitest';

import type { ModelMessage } from '../../../src/host/model/model.ts';
import type { RunOutcomeType } from '../../../src/host/event.ts';
import { createSessionStore } from '../../../src/host/session/store.ts';
import { openState, type State } from '../../../src/host/state.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

function storeOver(state: State): ReturnType<typeof createSessionStore> {
  return createSessionStore({
    state: async () => state,
    project: '/work-folder',
    redact: (value) => value,
    forget: async () => undefined,
    sweepFiles: async () => undefined,
  });
}

/** A store that reads the session again and again, and what one that never read it would be given. */
async function openStores() {
  const folder = await temporaryFolder('history-reader');
  const state = openState(folder.path);
  const store = storeOver(state);
  const { id } = await store.create();
  const say = async (runId: string, texts: readonly string[], from = 0): Promise<void> => {
    for (const [index, text] of texts.entries()) {
      const position = from + index;
      const content = [{ type: 'text' as const, text }];
      const role = position % 2 === 0 ? 'user' : 'assistant';
      await store.keep({ sessionId: id, runId, position }, { role, content } as ModelMessage);
    }
  };
  return {
    folder: folder.path,
    state,
    store,
    id,
    say,
    end: (runId: string, outcome: RunOutcomeType) => store.end({ sessionId: id, runId }, outcome),
    async talk(runId: string): Promise<void> {
      await say(runId, [`asked by ${runId}`, `answered by ${runId}`]);
      await store.end({ sessionId: id, runId }, 'done');
    },
    deleteRun: (runId: string) =>
      state.database.prepare('DELETE FROM session_runs WHERE session_id = ? AND run_id = ?').run(id, runId),
    /** Gives the texts of what both say. */
    async expectSame(): Promise<readonly string[]> {
      const again = await store.history(id);
      const anew = await storeOver(state).history(id);
      expect(again).toEqual(anew);
      expect(await store.historyAt(again.revision)).toEqual(again.messages);
      return again.messages.flatMap(({ role, ...rest }) =>
        'content' in rest
          ? [`${role}: ${rest.content.map((part) => ('text' in part ? part.text : '')).join('')}`]
          : [],
      );
    },
    async [Symbol.asyncDispose]() {
      state[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('what ended runs said is the same objects from one run to the next', async () => {
  await using opened = await openStores();
  await opened.talk('run_1');
  const before = await opened.store.history(opened.id);
  await opened.talk('run_2');
  const after = await opened.store.history(opened.id);
  expect(after.messages).toHaveLength(4);
  for (const [index, message] of before.messages.entries()) expect(after.messages[index]).toBe(message);
});

test('what another host adds in between is there', async () => {
  await using opened = await openStores();
  await opened.talk('run_1');
  await opened.expectSame();
  using elsewhere = openState(opened.folder);
  const other = storeOver(elsewhere);
  const content = [{ type: 'text' as const, text: 'said elsewhere' }];
  await other.keep({ sessionId: opened.id, runId: 'run_2', position: 0 }, { role: 'user', content });
  expect(await opened.expectSame()).toContain('user: said elsewhere');
  await other.end({ sessionId: opened.id, runId: 'run_2' }, 'failed');
  expect(await opened.expectSame()).toContain('assistant: [The answer failed here.]');
});

test('a run that a limit stopped may go on, and what it says then is there', async () => {
  await using opened = await openStores();
  await opened.say('run_1', ['asked', 'half an answer']);
  await opened.end('run_1', 'stopped');
  await opened.talk('run_2');
  await opened.expectSame();
  await opened.say('run_1', ['and on', 'the other half'], 2);
  expect(await opened.expectSame()).toContain('assistant: the other half');
});

test('runs that are deleted are gone, also where another one takes their place in the order', async () => {
  await using opened = await openStores();
  for (const runId of ['run_1', 'run_2', 'run_3']) await opened.talk(runId);
  await opened.expectSame();
  opened.deleteRun('run_3');
  await opened.talk('run_4');
  expect(await opened.expectSame()).not.toContain('user: asked by run_3');
  opened.deleteRun('run_1');
  expect(await opened.expectSame()).not.toContain('user: asked by run_1');
});

test('a view that is made, replaced by another and taken away is what the next history begins with', async () => {
  await using opened = await openStores();
  const { store, id } = opened;
  const view = (text: string): ModelMessage[] => [{ role: 'user', content: [{ type: 'text', text }] }];
  await opened.talk('run_1');
  await opened.expectSame();
  for (const text of ['all in short', 'all cut down']) {
    await store.keepView(id, view(text));
    expect((await opened.expectSame())[0]).toBe(`user: ${text}`);
  }
  await opened.talk('run_2');
  expect((await opened.expectSame())[0]).toBe('user: all cut down');
  opened.state.database.prepare('DELETE FROM session_views').run();
  expect((await opened.expectSame())[0]).toBe('user: asked by run_1');
});

test('a history that was swept away in between is kept anew', async () => {
  await using opened = await openStores();
  await opened.talk('run_1');
  await opened.expectSame();
  opened.state.database.prepare('DELETE FROM histories').run();
  await opened.talk('run_2');
  expect(await opened.expectSame()).toHaveLength(4);
});
