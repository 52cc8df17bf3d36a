import { expect, test } from 'vitest';

import { MemoryJournals } from '../../../src/host/engine/memory.ts';
import { eventsOf } from '../../fixtures/open-host.ts';
import { eventOf, openMemoryWorld } from './world.ts';

const ANSWER = { type: 'answer', text: 'On Thursdays.' } as const;

test('what memory holds goes before the request, with its date and source, between marks and not into the instructions', async () => {
  await using world = await openMemoryWorld();
  const server = await world.server();
  await server.call('remember', { text: 'We deploy on Thursdays.', source: 'the release plan' });
  await server.call('remember', { text: 'The person is called Ines.', scope: 'person' });
  await using opened = await world.open({ script: () => ANSWER });
  const handle = await opened.host.ask('When do we deploy?');
  const events = await eventsOf(handle);
  const [request] = opened.model.requests;
  const today = new Date().toISOString().slice(0, 10);
  expect(request?.userText).toMatch(
    new RegExp(
      `<untrusted-[0-9a-f]{12} origin="memory">\n- ${today} \\(fact, from the release plan\\): We deploy on Thursdays\\.\n</untrusted-[0-9a-f]{12}>\n?When do we deploy\\?$`,
    ),
  );
  expect(request?.system).not.toContain('Thursdays');
  expect(eventOf(events, 'tool-call-start')).toMatchObject({ name: 'memory__recall', path: 'recall' });
  expect(events.map(({ type }) => type)).not.toContain('approval');
  expect(eventOf(events, 'recall')).toMatchObject({
    count: 1,
    memories: [{ kind: 'fact', at: expect.stringContaining(today), source: 'from the release plan' }],
  });
});

test('what was recalled for an earlier request of the conversation is not said again', async () => {
  await using world = await openMemoryWorld();
  await (await world.server()).call('remember', { text: 'We deploy on Thursdays.' });
  await using opened = await world.open({ script: () => ANSWER });
  const first = await (await opened.host.ask('When do we deploy?')).result;
  if (first.type !== 'done' || first.output.origin !== 'model') throw new Error('no answer');
  const events = await eventsOf(
    await opened.host.ask('And do we deploy in August?', { history: first.output.messages }),
  );
  expect(eventOf(events, 'recall').count).toBe(0);
  expect(JSON.stringify(opened.model.requests[1]?.body).split('We deploy on Thursdays.')).toHaveLength(2);
});

test('replayed from its journal, a run recalls what it had recalled, without a memory server', async () => {
  await using world = await openMemoryWorld();
  const server = await world.server();
  await server.call('remember', { text: 'We deploy on Thursdays.' });
  const journals = new MemoryJournals();
  await using opened = await world.open({ script: () => ANSWER, journals });
  const handle = await opened.host.ask('When do we deploy?');
  const outcome = await handle.result;
  expect(JSON.stringify(outcome)).toContain('We deploy on Thursdays.');
  await server.call('forget', { all: true });
  expect(await opened.host.engine.replay(handle.id)).toMatchObject({ type: 'identical', complete: true });
  expect(opened.model.requests).toHaveLength(1);
});

test('without memory nothing is recalled and nothing is said', async () => {
  await using world = await openMemoryWorld();
  await (await world.server()).call('remember', { text: 'We deploy on Thursdays.' });
  const settings = [
    { servers: [] },
    { servers: [{ ...world.definition, disabled: true }] },
    { memory: { enabled: false } },
    // By its name alone a server is nobody's memory.
    { servers: [withoutBuiltin(world.definition)] },
  ];
  for (const setting of settings) {
    await using opened = await world.open({ script: () => ANSWER, ...setting });
    const events = await eventsOf(await opened.host.ask('When do we deploy?'));
    expect(events.map(({ type }) => type)).not.toContain('recall');
    expect(events.map(({ type }) => type)).not.toContain('notice');
    expect(opened.model.requests[0]?.userText).toBe('When do we deploy?');
  }
  await using opened = await world.open({ script: () => ANSWER });
  const events = await eventsOf(await opened.host.ask('When do we deploy?', { memory: false }));
  expect(events.map(({ type }) => type)).not.toContain('recall');
});

test('a memory server that hangs or cannot start holds up no run', async () => {
  await using world = await openMemoryWorld();
  await using opened = await world.open({
    script: () => ANSWER,
    memory: { recallTimeoutMs: 50, startTimeoutMs: 10_000 },
  });
  await (await opened.host.ask('When do we deploy?')).result;
  const pid = opened.host.registry.servers()[0]?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    const handle = await opened.host.ask('When do we deploy?');
    const events = await eventsOf(handle);
    expect(eventOf(events, 'notice').message).toContain('did not answer within 50 ms');
    expect(await handle.result).toMatchObject({ type: 'done', output: { text: 'On Thursdays.' } });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const broken = { ...world.definition, args: ['-e', 'process.exit(1)'] };
  await using second = await world.open({ script: () => ANSWER, servers: [broken] });
  const handle = await second.host.ask('When do we deploy?');
  expect(eventOf(await eventsOf(handle), 'notice').message).toContain('Nothing was recalled.');
  expect(await handle.result).toMatchObject({ type: 'done' });
});

test('a rule that denies holds for the host itself, and one that asks does not ask', async () => {
  await using world = await openMemoryWorld();
  await (await world.server()).call('remember', { text: 'We deploy on Thursdays.' });
  await using denied = await world.open({
    script: () => ANSWER,
    approvals: [{ tool: 'memory__*', decision: 'deny', reason: 'memory is for later' }],
  });
  const events = await eventsOf(await denied.host.ask('When do we deploy?'));
  expect(eventOf(events, 'notice').message).toContain('memory is for later');
  expect(denied.model.requests[0]?.userText).toBe('When do we deploy?');
  await using asked = await world.open({
    script: () => ANSWER,
    approvals: [{ tool: '*', decision: 'ask' }],
    asker: { ask: () => Promise.reject(new Error('nobody is to be asked')) },
  });
  expect(eventOf(await eventsOf(await asked.host.ask('When do we deploy?')), 'recall').count).toBe(1);
});

function withoutBuiltin<Definition extends { readonly builtin?: unknown }>(definition: Definition) {
  const { builtin: _, ...rest } = definition;
  return rest;
}
