/** Approvals in whole runs: real servers, both wires of a model, scripted persons. */
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { JsonObject } from '../../../src/json.ts';
import { MemoryJournals } from '../../../src/host/engine/memory.ts';
import type { RunEvent } from '../../../src/host/event.ts';
import { openState } from '../../../src/host/state.ts';
import { forgetApproval, listApprovals } from '../../../src/host/approval/remembered.ts';
import type { ApprovalAnswer, ApprovalQuestion, Asker } from '../../../src/host/tool-call/policy.ts';
import { agentTools, callThenAnswer, linesOf } from '../../fixtures/agent-tools.ts';
import type { Wire } from '../../fixtures/model/request.ts';
import { eventsOf, openTestHost, type TestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

interface ScriptedPerson extends Asker {
  readonly asked: ApprovalQuestion[];
}

/** Answers one after the other; asked once more, the test fails. */
function person(...answers: readonly ApprovalAnswer[]): ScriptedPerson {
  const asked: ApprovalQuestion[] = [];
  return {
    asked,
    async ask(question) {
      const answer = answers[asked.push(question) - 1];
      if (answer === undefined) throw new Error(`asked once too often: ${question.name}`);
      return answer;
    },
  };
}

const edit = (args: JsonObject): ApprovalAnswer => ({ type: 'edit', arguments: args });

function approvalsOf(events: readonly RunEvent[]) {
  return events.flatMap((event) => (event.type === 'approval' ? [[event.decision, event.by]] : []));
}

async function runOf(opened: TestHost): Promise<{ events: RunEvent[]; told: readonly string[] }> {
  const handle = await opened.host.ask('Go on.');
  const events = await eventsOf(handle);
  expect(await handle.result).toMatchObject({ type: 'done' });
  return { events, told: opened.model.requests.at(-1)?.toolResults.map(({ text }) => text) ?? [] };
}

test.each(['anthropic', 'openai'] as const)(
  'on the wire of %s a model that is denied without a terminal learns the rule to set, and goes on',
  async (wire: Wire) => {
    await using folder = await temporaryFolder('approvals');
    const ledger = join(folder.path, 'ledger');
    await using opened = await openTestHost({
      wire,
      approvals: [],
      servers: [agentTools(ledger)],
      script: callThenAnswer([
        ['tools__order', { thing: 'tea' }],
        ['tools__weather', { city: 'Bonn' }],
      ]),
    });
    const { events, told } = await runOf(opened);
    expect(approvalsOf(events)).toEqual([['denied', 'no-terminal']]);
    expect(told[0]).toContain('"approvals": [{"tool":"tools__order","decision":"allow"}]');
    expect(told[0]).toContain('--yes');
    expect(told[1]).toBe('Bonn: 21 degrees');
    expect(linesOf(ledger)).toEqual(['weather-start Bonn', 'weather-end Bonn']);
  },
);

test('--yes answers what would be asked, and no more: a rule that denies holds', async () => {
  await using folder = await temporaryFolder('approvals');
  const ledger = join(folder.path, 'ledger');
  await using opened = await openTestHost({
    approveAll: '--yes',
    approvals: [
      { tool: 'tools__order', arguments: { thing: '^gold' }, decision: 'deny', reason: 'too dear' },
    ],
    servers: [agentTools(ledger)],
    script: callThenAnswer([
      ['tools__order', { thing: 'gold bars' }],
      ['tools__order', { thing: 'tea' }],
    ]),
  });
  const { events, told } = await runOf(opened);
  expect(approvalsOf(events)).toEqual([
    ['denied', 'rule: deny tools__order where thing fits ^gold'],
    ['allowed', '--yes'],
  ]);
  expect(told[0]).toContain('too dear');
  expect(linesOf(ledger)).toEqual(['order tea']);
});

test('rules allow without a question, and can ask about what only reads', async () => {
  const asker = person({ type: 'no' });
  await using opened = await openTestHost({
    asker,
    approvals: [
      { server: 'tools', tool: 'order', decision: 'allow' },
      { annotation: 'read-only', decision: 'ask', reason: 'this week everything is asked about' },
    ],
    servers: [agentTools()],
    script: callThenAnswer([
      ['tools__order', { thing: 'tea' }],
      ['tools__weather', { city: 'Bonn' }],
    ]),
  });
  const { events, told } = await runOf(opened);
  expect(approvalsOf(events)).toEqual([
    ['allowed', 'rule: allow order of tools'],
    ['denied', 'person'],
  ]);
  expect(asker.asked).toMatchObject([
    { name: 'tools__weather', destructive: false, reason: 'this week everything is asked about' },
  ]);
  expect(told).toEqual(['ordered tea', expect.stringContaining('the person said no')]);
});

test('always is remembered for the folder and the tool, in later hosts too, until it is forgotten', async () => {
  await using folder = await temporaryFolder('approvals');
  const script = callThenAnswer([
    ['tools__order', { thing: 'tea' }],
    ['tools__order', { thing: 'milk' }],
  ]);
  const open = (asker: Asker) =>
    openTestHost({ folder: folder.path, asker, servers: [agentTools()], script });
  const first = person({ type: 'always', scope: 'folder' });
  await using opened = await open(first);
  expect(approvalsOf((await runOf(opened)).events)).toEqual([
    ['allowed', 'person'],
    ['allowed', 'always'],
  ]);
  expect(first.asked[0]?.always).toEqual({
    scopes: ['folder', 'person'],
    meaning: expect.stringMatching(/tools__order .*whatever its arguments.*delete/),
  });

  await using later = await open(person());
  expect(approvalsOf((await runOf(later)).events)).toEqual([
    ['allowed', 'always'],
    ['allowed', 'always'],
  ]);

  using state = openState(folder.path);
  const remembered = listApprovals(state);
  expect(remembered).toMatchObject([{ scope: 'folder', place: folder.path, tool: 'tools__order' }]);
  forgetApproval(state, remembered[0]?.id ?? 0);
  await using last = await open(person({ type: 'no' }, { type: 'no' }));
  expect(approvalsOf((await runOf(last)).events)).toEqual([
    ['denied', 'person'],
    ['denied', 'person'],
  ]);
});

test('always never overrides a rule that denies', async () => {
  await using folder = await temporaryFolder('approvals');
  using state = openState(folder.path);
  state.database
    .prepare(
      "INSERT INTO approval_rules (scope, place, actor, tool, created_ms) VALUES ('person', '', 'person', ?, 0)",
    )
    .run('tools__order');
  await using opened = await openTestHost({
    folder: folder.path,
    asker: person(),
    approvals: [{ tool: '*__order', decision: 'deny' }],
    servers: [agentTools()],
    script: callThenAnswer([['tools__order', { thing: 'tea' }]]),
  });
  expect(approvalsOf((await runOf(opened)).events)).toEqual([['denied', 'rule: deny *__order']]);
});

test('a damaged state.db remembers nothing: the person is asked, and the yes holds for the call', async () => {
  await using folder = await temporaryFolder('approvals');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(folder.path, 'state.db'), 'this is no database, but somebody may want it back');
  await using opened = await openTestHost({
    folder: folder.path,
    asker: person({ type: 'always', scope: 'folder' }),
    servers: [agentTools()],
    script: () => ({ type: 'answer', text: 'Not asked.' }),
  });
  await opened.host.registry.ready();
  // Only a call of its own: a run that cannot be written down does not begin.
  const handle = opened.host.call('tools__order', { thing: 'tea' });
  expect(await handle.result).toMatchObject({ type: 'done', output: { outcome: 'complete' } });
  expect(approvalsOf(await eventsOf(handle))).toEqual([['allowed', 'person']]);
  expect(opened.entries.filter(({ event }) => event === 'approvals-not-remembered')).not.toEqual([]);
});

test('what a person makes of the arguments is checked, sent, told in events and to the model', async () => {
  await using folder = await temporaryFolder('approvals');
  const ledger = join(folder.path, 'ledger');
  const asker = person(edit({ thing: 5 }), edit({ thing: 'gold' }), edit({ thing: 'milk' }));
  await using opened = await openTestHost({
    asker,
    approvals: [{ arguments: { thing: 'gold' }, decision: 'deny', reason: 'too dear' }],
    servers: [agentTools(ledger)],
    script: callThenAnswer([['tools__order', { thing: 'tea' }]]),
  });
  const { events, told } = await runOf(opened);
  expect(linesOf(ledger)).toEqual(['order milk']);
  expect(asker.asked.map(({ arguments: args, problem }) => [args, problem])).toEqual([
    [{ thing: 'tea' }, undefined],
    [{ thing: 5 }, expect.stringContaining('must be string')],
    [{ thing: 'gold' }, expect.stringContaining('too dear')],
  ]);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'tool-call-start', arguments: { thing: 'milk' } }),
  );
  expect(events).toContainEqual(expect.objectContaining({ type: 'approval', by: 'person', edited: true }));
  expect(told[0]).toMatch(/changed the arguments.*\{"thing":"milk"\}.*ordered milk/s);
});

test('a yes to arguments that cannot be used runs nothing', async () => {
  await using folder = await temporaryFolder('approvals');
  const ledger = join(folder.path, 'ledger');
  await using opened = await openTestHost({
    asker: person(edit({ thing: 5 }), { type: 'yes' }),
    servers: [agentTools(ledger)],
    script: callThenAnswer([['tools__order', { thing: 'tea' }]]),
  });
  expect(approvalsOf((await runOf(opened)).events)).toEqual([['denied', 'person']]);
  expect(linesOf(ledger)).toEqual([]);
});

test('a question that cannot be put is a denial, and a cancelled run decides nothing', async () => {
  const broken: Asker = { ask: () => Promise.reject(new Error('the terminal is gone')) };
  await using opened = await openTestHost({
    asker: broken,
    servers: [agentTools()],
    script: callThenAnswer([['tools__order', { thing: 'tea' }]]),
  });
  const { events, told } = await runOf(opened);
  expect(approvalsOf(events)).toEqual([['denied', 'no-terminal']]);
  expect(told[0]).toContain('the terminal is gone');

  const reached = Promise.withResolvers<void>();
  const waiting: Asker = {
    ask: ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        reached.resolve();
      }),
  };
  await using cancelled = await openTestHost({
    asker: waiting,
    servers: [agentTools()],
    script: callThenAnswer([['tools__order', { thing: 'tea' }]]),
  });
  const handle = await cancelled.host.ask('Go on.');
  await reached.promise;
  handle.cancel('Stopped.');
  expect(await handle.result).toMatchObject({ type: 'cancelled' });
  expect(approvalsOf(await eventsOf(handle))).toEqual([]);
});

test('sampling asks by the same rules, under its own name', async () => {
  const replies = callThenAnswer([['tools__ask_model', {}]]);
  const script: typeof replies = (request, n) =>
    request.userText === 'Sum it up.' ? { type: 'answer', text: 'In short.' } : replies(request, n);
  const asker = person({ type: 'no' });
  await using opened = await openTestHost({
    asker,
    approvals: [{ tool: '*', decision: 'allow' }],
    servers: [agentTools()],
    script,
  });
  expect((await runOf(opened)).told[0]).toContain('the person said no');
  expect(asker.asked).toMatchObject([
    { name: 'sampling/createMessage', server: 'tools', destructive: false },
  ]);

  await using allowing = await openTestHost({
    approvals: [{ server: 'tools', tool: 'sampling/*', decision: 'allow' }],
    servers: [agentTools()],
    script: (request, n) =>
      request.userText === 'Sum it up.'
        ? { type: 'answer', text: 'In short.' }
        : replies(request, Math.min(n, 1)),
  });
  expect((await runOf(allowing)).told[0]).toContain('In short.');
});

test('a deny rule for everything leaves the tools of the host itself', async () => {
  await using opened = await openTestHost({
    approvals: [{ decision: 'deny' }],
    maxTools: 2,
    servers: [agentTools()],
    script: callThenAnswer([
      ['switchyard__tool_search', { query: 'weather' }],
      ['tools__weather', { city: 'Bonn' }],
    ]),
  });
  const { told } = await runOf(opened);
  expect(told[0]).toContain('tools__weather');
  expect(told[1]).toContain('the config denies it (deny every tool)');
});

test('what a guard asks is put to the person, whatever rules and an earlier always say', async () => {
  await using folder = await temporaryFolder('approvals');
  const asker = person({ type: 'always', scope: 'folder' }, { type: 'no' });
  const script = callThenAnswer([
    ['tools__order', { thing: 'tea' }],
    ['tools__order', { thing: 'milk' }],
    ['tools__order', { thing: 'tea' }],
  ]);
  const servers = [agentTools()];
  const approvals = [{ tool: 'tools__*', decision: 'allow' }] as const;
  await using opened = await openTestHost({
    folder: folder.path,
    asker,
    guards: {
      content: [{ deny: ['tea'], stages: ['tool-call'], action: 'ask', reason: 'tea is rationed' }],
    },
    approvals,
    servers,
    script,
  });
  const { events } = await runOf(opened);
  expect(approvalsOf(events)).toEqual([
    ['allowed', 'person'],
    ['allowed', 'rule: allow tools__*'],
    ['denied', 'person'],
  ]);
  expect(asker.asked.map(({ reason, always }) => [reason, always])).toEqual([
    [expect.stringContaining('tea is rationed'), undefined],
    [expect.stringContaining('tea is rationed'), undefined],
  ]);

  await using alone = await openTestHost({
    guards: { content: [{ deny: ['tea'], stages: ['tool-call'], action: 'ask' }] },
    approvals,
    servers,
    script: callThenAnswer([['tools__order', { thing: 'tea' }]]),
  });
  const { told } = await runOf(alone);
  // No rule would help here, so none is named.
  expect(told[0]).toMatch(/To allow it, run with --yes/);
});

test('a rule that asks is named where nobody can be asked, with the one to put before it', async () => {
  await using opened = await openTestHost({
    approvals: [{ server: 'tools', decision: 'ask' }],
    servers: [agentTools()],
    script: callThenAnswer([['tools__weather', { city: 'Bonn' }]]),
  });
  const { told } = await runOf(opened);
  expect(told[0]).toMatch(
    /a rule of the config asks \(ask every tool of tools\).*put \{"tool":"tools__weather","decision":"allow"\} before it/,
  );
});

test('the journal holds what was decided: a replayed run asks nobody again', async () => {
  await using folder = await temporaryFolder('approvals');
  const ledger = join(folder.path, 'ledger');
  const journals = new MemoryJournals();
  const asker = person(edit({ thing: 'milk' }), { type: 'no' });
  await using opened = await openTestHost({
    asker,
    journals,
    servers: [agentTools(ledger)],
    script: callThenAnswer([
      ['tools__order', { thing: 'tea' }],
      ['tools__order', { thing: 'gold' }],
    ]),
  });
  const handle = await opened.host.ask('Go on.');
  const outcome = await handle.result;
  expect(asker.asked).toHaveLength(2);
  expect(outcome.type).toBe('done');
  expect(await opened.host.engine.replay(handle.id)).toMatchObject({ type: 'identical', complete: true });
  expect(asker.asked).toHaveLength(2);
  expect(linesOf(ledger)).toEqual(['order milk']);
});
