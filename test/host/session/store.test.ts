import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test, vi } from 'vitest';

import { createSessionStore } from '../../../src/host/session/store.ts';
import { openState } from '../../../src/host/state.ts';
import { eventsOf, openTestHost } from '../../fixtures/open-host.ts';
import { agentTools } from '../../fixtures/agent-tools.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const plain = (text: string) => ({ type: 'answer' as const, text });

async function openStore() {
  const folder = await temporaryFolder('sessions');
  const state = openState(folder.path);
  const store = createSessionStore({
    state: async () => state,
    project: '/work-folder',
    redact: (value) => value,
    forget: async () => undefined,
    sweepFiles: async () => undefined,
  });
  return {
    store,
    state,
    path: folder.path,
    async [Symbol.asyncDispose]() {
      state[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('a session', () => {
  test('continues across hosts: the second run is given what was said in the first', async () => {
    await using home = await temporaryFolder('home');
    const script = () => plain('Understood.');
    let id = '';
    {
      await using opened = await openTestHost({ script, home: home.path });
      ({ id } = await opened.host.sessions.create({ name: 'my work' }));
      const handle = await opened.host.ask('My cat is called Nero.', { sessionId: id });
      await eventsOf(handle);
    }
    await using opened = await openTestHost({ script, home: home.path });
    const session = await opened.host.sessions.get('my work');
    expect(session).toMatchObject({
      id,
      runCount: 1,
      title: 'My cat is called Nero.',
      model: 'anthropic/scripted',
    });
    await (await opened.host.ask('And my dog?', { sessionId: id })).result;
    const [request] = opened.model.requests;
    expect(JSON.stringify(request?.body)).toMatch(/Nero.*Understood.*And my dog/s);
    expect((await opened.host.sessions.transcript(id)).map(({ outcome }) => outcome)).toEqual([
      'done',
      'done',
    ]);
  });

  test('keeps what a cancelled run said, and the next run knows how it ended', async () => {
    await using opened = await openTestHost({
      servers: [agentTools()],
      script: (_, n) =>
        n === 0
          ? { type: 'answer', text: 'I wait.', toolCalls: [{ name: 'tools__hang', arguments: {} }] }
          : plain('It was cut short before.'),
    });
    const { id } = await opened.host.sessions.create();
    const handle = await opened.host.ask('Wait for it.', { sessionId: id });
    for await (const event of handle.events())
      if (event.type === 'tool-call-start') handle.cancel('Stopped.');
    expect((await handle.result).type).toBe('cancelled');
    const next = await (await opened.host.ask('What happened?', { sessionId: id })).result;
    expect(next.type).toBe('done');
    const sent = JSON.stringify(opened.model.requests.at(-1)?.body);
    expect(sent).toMatch(/tools__hang.*tool_result.*was cancelled here.*What happened/s);
    const [first] = await opened.host.sessions.transcript(id);
    expect(first).toMatchObject({ outcome: 'cancelled' });
  });

  test('keeps the results that came before a run was cancelled in mid-turn, and says which did not come', async () => {
    await using folder = await temporaryFolder('ledger');
    const ledger = join(folder.path, 'ledger');
    await using opened = await openTestHost({
      servers: [agentTools(ledger)],
      script: (_, n) =>
        n === 0
          ? {
              type: 'answer',
              toolCalls: [
                { name: 'tools__order', arguments: { thing: 'a lamp' } },
                { name: 'tools__hang', arguments: {} },
                { name: 'tools__order', arguments: { thing: 'a chair' } },
              ],
            }
          : plain('The lamp is ordered.'),
    });
    const { id } = await opened.host.sessions.create();
    const handle = await opened.host.ask('Order a lamp and wait.', { sessionId: id });
    await vi.waitFor(() => expect(readFileSync(ledger, 'utf8')).toContain('hang'), { timeout: 20_000 });
    handle.cancel('Stopped.');
    await handle.result;
    await (await opened.host.ask('Is it ordered?', { sessionId: id })).result;
    const results = opened.model.requests.at(-1)?.toolResults ?? [];
    expect(results.map(({ isError }) => isError)).toEqual([false, true, true]);
    expect(results[0]?.text).toContain('ordered a lamp');
    expect(results[1]?.text).toMatch(/ended before an answer to this call was recorded. Check what happened/);
    expect(results[2]?.text).toContain('Check what happened before you repeat it');
  });

  test('keeps arguments with their secrets masked, and as they were sent in one column only', async () => {
    const secret = `ghp_${'a1B2c3D4e5'.repeat(4)}`.slice(0, 40);
    await using opened = await openTestHost({
      servers: [agentTools()],
      script: (_, n) =>
        n === 0
          ? { type: 'answer', toolCalls: [{ name: 'tools__order', arguments: { thing: secret } }] }
          : plain('Done.'),
    });
    const { id } = await opened.host.sessions.create();
    await (await opened.host.ask('Go.', { sessionId: id })).result;
    using state = openState(opened.home);
    const calls = state.database.prepare('SELECT name, arguments FROM tool_calls').all();
    expect(calls).toEqual([{ name: 'tools__order', arguments: JSON.stringify({ thing: secret }) }]);
    const messages = state.database.prepare('SELECT message FROM messages').all();
    expect(JSON.stringify(messages)).not.toContain(secret);
    expect(JSON.stringify(messages)).toContain('redacted');
  });

  test('that is damaged loses the damaged message alone, and says how many', async () => {
    await using opened = await openStore();
    const { store, state } = opened;
    const { id } = await store.create();
    const place = (position: number) => ({ sessionId: id, runId: 'run_1', position });
    await store.keep(place(0), { role: 'user', content: [{ type: 'text', text: 'first' }] });
    await store.keep(place(1), { role: 'assistant', content: [{ type: 'text', text: 'second' }] });
    await store.end({ sessionId: id, runId: 'run_1' }, 'done');
    state.database.exec(`UPDATE messages SET message = '{"role":"assis' WHERE position = 1`);
    const [run] = await store.transcript(id);
    expect(run).toMatchObject({ damaged: 1, messages: [{ message: { role: 'user' } }] });
    const { messages: history } = await store.history(id);
    expect(history.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  test('is found by name, by id and by the beginning of its id; what fits none or several is told', async () => {
    await using opened = await openStore();
    const { store, state } = opened;
    const first = await store.create({ name: 'taxes 2026' });
    expect((await store.get('taxes 2026')).id).toBe(first.id);
    expect((await store.get(first.id.slice(0, 5))).id).toBe(first.id);
    const twin = `${first.id.slice(0, 3)}zzzzz`;
    state.database.prepare('UPDATE sessions SET id = ? WHERE id = ?').run(twin, (await store.create()).id);
    await expect(store.get(first.id.slice(0, 3))).rejects.toThrow(/fits 2 sessions.*Write more of it/);
    await expect(store.get('nothing like it')).rejects.toMatchObject({ code: 'unknown-session' });
    await expect(store.rename(twin, 'taxes 2026')).rejects.toThrow(/has the name/);
    await expect(store.rename(twin, '2abc')).rejects.toThrow(/taken for an id/);
  });

  test('that two hosts continue at once keeps each run whole, in the order of their beginnings', async () => {
    await using opened = await openStore();
    using otherState = openState(opened.path);
    const other = createSessionStore({
      state: async () => otherState,
      project: '/work-folder',
      redact: (value) => value,
      forget: async () => undefined,
      sweepFiles: async () => undefined,
    });
    const { id } = await opened.store.create();
    const say = (text: string) => ({ role: 'user' as const, content: [{ type: 'text' as const, text }] });
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const [store, runId] = index % 2 === 0 ? [opened.store, 'run_a'] : [other, 'run_b'];
        return store.keep({ sessionId: id, runId, position: index >> 1 }, say(`${runId} ${index >> 1}`));
      }),
    );
    const runs = await other.transcript(id);
    expect(runs.map(({ messages }) => messages.length)).toEqual([20, 20]);
    // The same place is kept once.
    await other.keep({ sessionId: id, runId: 'run_a', position: 3 }, say('again'));
    expect(JSON.stringify(await other.transcript(id))).not.toContain('again');
  });

  test('that is deleted leaves no byte of what was said in state.db and its log', async () => {
    await using opened = await openStore();
    const { store } = opened;
    const { id } = await store.create({ name: 'to forget' });
    const text = 'a sentence that nobody may find again';
    await store.keep(
      { sessionId: id, runId: 'run_1', position: 0 },
      { role: 'user', content: [{ type: 'text', text }] },
    );
    await store.delete(id);
    expect(await store.list()).toEqual([]);
    for (const name of readdirSync(opened.path)) {
      const bytes = readFileSync(join(opened.path, name)).toString('latin1');
      expect(bytes, name).not.toContain(text);
      expect(bytes, name).not.toContain('to forget');
    }
  });
});

describe('state.db', () => {
  test('that is no database fails what needs it, with its path and advice, and stays as it is', async () => {
    await using home = await temporaryFolder('home');
    const file = join(home.path, 'state.db');
    writeFileSync(file, 'my own notes\n'.repeat(600));
    await using opened = await openTestHost({ script: () => plain('An answer.'), home: home.path });
    await expect(opened.host.sessions.list()).rejects.toThrow(/state\.db is damaged.*left as it is/s);
    // What cannot be written down is not begun.
    const run = await (await opened.host.ask('Without a session.')).result;
    expect(run).toMatchObject({ type: 'failed', error: { code: 'store-corrupt' } });
    expect(opened.model.requests).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('my own notes\n'.repeat(600));
  });

  test('of a newer program is refused and left alone', async () => {
    await using home = await temporaryFolder('home');
    {
      using newer = openState(home.path);
      newer.database.exec('PRAGMA user_version = 99');
    }
    await using opened = await openTestHost({ script: () => plain('An answer.'), home: home.path });
    await expect(opened.host.sessions.create()).rejects.toMatchObject({ code: 'store-too-new' });
  });
});
