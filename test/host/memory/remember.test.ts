import { join } from 'node:path';

import { describe, expect, test, vi } from 'vitest';

import { openState } from '../../../src/host/state.ts';
import type { ModelReply, ScriptedRequest } from '../../fixtures/model/model-server.ts';
import type { TestHost } from '../../fixtures/open-host.ts';
import { openMemoryWorld, type MemoryWorld } from './world.ts';

const ANSWER: ModelReply = { type: 'answer', text: 'Noted.' };
const SAID = 'The staging server is called heron.';

describe.each(['memory__append_turns', 'memory__remember'])('killed within %s', (tool) => {
  test('memory holds everything once after the next run of the session', async () => {
    await using world = await openMemoryWorld();
    let asked = 0;
    let opened: TestHost | undefined;
    const stop = (): boolean => process.kill(pidOf(opened), 'SIGSTOP');
    const script = (request: ScriptedRequest): ModelReply => {
      if (!isExtraction(request)) {
        if (tool === 'memory__append_turns' && request.userText.endsWith(SAID)) stop();
        return ANSWER;
      }
      if (!request.userText.includes(`\n${SAID}\n`)) return operations([]);
      asked += 1;
      if (tool === 'memory__remember' && asked === 1) stop();
      // A model that is asked again says it in other words.
      return operations([
        { type: 'remember', text: `Staging runs on heron (${asked}).`, scope: 'project' },
        { type: 'remember', text: `The name of the server is heron (${asked}).`, scope: 'project' },
      ]);
    };
    opened = await world.open({ script, cheap: true });
    await using host = opened;
    const { id: sessionId } = await host.host.sessions.create();
    await (await host.host.ask(SAID, { sessionId })).result;
    await vi.waitFor(() => expect(started(host, tool)).toBe(1), { timeout: 30_000 });
    process.kill(pidOf(host), 'SIGKILL');
    // The call is done again with its key, or because doing it twice is doing it once.
    await vi.waitFor(() => expect(told(host, 'remember')).toHaveLength(1), { timeout: 30_000 });
    await (await host.host.ask('Sort these words: pear, apple.', { sessionId })).result;
    await host.host[Symbol.asyncDispose]();
    expect(asked).toBe(1);
    expect(await factsOf(world)).toEqual([
      'Staging runs on heron (1).',
      'The name of the server is heron (1).',
    ]);
    expect(await turnsOf(world, sessionId)).toBe(4);
  });
});

test('what a host that died left undone is done by the next host, and by one only', async () => {
  await using world = await openMemoryWorld();
  const { definition } = world;
  const broken = { ...definition, args: ['-e', 'process.exit(1)'] };
  let sessionId: string;
  {
    await using opened = await world.open({ script: () => ANSWER, servers: [broken] });
    ({ id: sessionId } = await opened.host.sessions.create());
    await (await opened.host.ask('We deploy on Thursdays.', { sessionId })).result;
  }
  expect(await factsOf(world)).toEqual([]);
  await using opened = await world.open({ script: () => ANSWER });
  await (await opened.host.ask('Sort these words: pear, apple.', { sessionId })).result;
  await opened.host[Symbol.asyncDispose]();
  expect(await factsOf(world)).toEqual(['We deploy on Thursdays.']);
  expect(await turnsOf(world, sessionId)).toBe(4);
});

test('what is damaged in the list of what is still to be remembered holds up nothing that comes after it', async () => {
  await using world = await openMemoryWorld();
  await using opened = await world.open({ script: () => ANSWER });
  const { id: sessionId } = await opened.host.sessions.create();
  {
    using state = openState(opened.home);
    state.database
      .prepare(
        "INSERT INTO memory_queue (run_id, session_id, project, queued_ms, exchange) VALUES ('run_bad', ?, ?, 1, '{\"reques')",
      )
      .run(sessionId, join(world.folder, 'project'));
  }
  await (await opened.host.ask('We deploy on Thursdays.', { sessionId })).result;
  await opened.host[Symbol.asyncDispose]();
  expect(await factsOf(world)).toEqual(['We deploy on Thursdays.']);
  expect(opened.entries).toContainEqual(
    expect.objectContaining({ event: 'not-remembered', run: 'run_bad', level: 'warn' }),
  );
});

test('a secret is not stored; a run that was cancelled, failed, or goes without memory leaves nothing', async () => {
  await using world = await openMemoryWorld();
  const token = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
  const script = ({ userText }: ScriptedRequest): ModelReply =>
    userText.includes('fail') ? { type: 'failure', status: 400, message: 'no' } : ANSWER;
  await using opened = await world.open({ script });
  const { id: sessionId } = await opened.host.sessions.create();
  await (await opened.host.ask(`Our deploy token is ${token}.`, { sessionId })).result;
  const cancelled = await opened.host.ask('My cat is called Minka.', { sessionId });
  cancelled.cancel();
  await cancelled.result;
  await (await opened.host.ask('My dog is called Rex, fail.', { sessionId })).result;
  await (await opened.host.ask('My horse is called Blitz.', { sessionId, memory: false })).result;
  await (await opened.host.ask('My fish is called Fin.', { sessionId, actor: 'client' })).result;
  await opened.host[Symbol.asyncDispose]();
  expect(await factsOf(world)).toEqual([]);
  const { text } = await (await world.server()).call('search_history', { query: 'Our deploy token' });
  expect(text).toContain('Our deploy token is (a secret).');
  expect(await turnsOf(world, sessionId)).toBe(2);
});

test('a rule that denies keeps turns out, and facts are stored all the same; nobody is asked', async () => {
  await using world = await openMemoryWorld();
  await using opened = await world.open({
    script: () => ANSWER,
    approvals: [
      { tool: 'memory__append_turns', decision: 'deny' },
      { tool: '*', decision: 'ask' },
    ],
    asker: { ask: () => Promise.reject(new Error('nobody is to be asked')) },
  });
  const { id: sessionId } = await opened.host.sessions.create();
  await (await opened.host.ask('We deploy on Thursdays.', { sessionId })).result;
  await opened.host[Symbol.asyncDispose]();
  expect(await factsOf(world)).toEqual(['We deploy on Thursdays.']);
  expect(await turnsOf(world, sessionId)).toBe(0);
});

test('of a run without a session only facts are kept, of the person where they are about the person', async () => {
  await using world = await openMemoryWorld();
  await using opened = await world.open({ script: () => ANSWER });
  await (await opened.host.ask('I am allergic to peanuts, what could I cook?')).result;
  await opened.host[Symbol.asyncDispose]();
  const { structured } = await (await world.server()).call('list_facts');
  expect(structured['facts']).toMatchObject([{ text: 'I am allergic to peanuts.', scope: 'person' }]);
  const history = await (await world.server()).call('search_history', { query: 'peanuts' });
  expect(history.structured['turns']).toEqual([]);
});

function isExtraction({ system }: ScriptedRequest): boolean {
  return system.startsWith('You keep the long-term memory');
}

function operations(list: readonly object[]): ModelReply {
  return { type: 'answer', text: JSON.stringify({ operations: list }) };
}

function pidOf(opened: TestHost | undefined): number {
  const pid = opened?.host.registry.servers().find(({ name }) => name === 'memory')?.pid;
  if (pid === undefined) throw new Error('The memory server does not run.');
  return pid;
}

function told({ entries }: TestHost, event: string) {
  return entries.filter((entry) => entry.event === event);
}

function started(opened: TestHost, tool: string): number {
  return told(opened, 'tool-call-start').filter(({ fields }) => fields?.['name'] === tool).length;
}

async function factsOf(world: MemoryWorld): Promise<readonly unknown[]> {
  const { structured } = await (await world.server()).call('list_facts');
  return (structured['facts'] as readonly { readonly text: string }[]).map(({ text }) => text);
}

/** Counts them by forgetting them. */
async function turnsOf(world: MemoryWorld, sessionId: string): Promise<unknown> {
  return (await (await world.server()).call('forget', { sessionId })).structured['forgotten'];
}
