import { expect, test } from 'vitest';

import { HostError } from '../../../src/errors.ts';
import { decideApproval } from '../../../src/host/approval/approval-store.ts';
import { keptApprovals } from '../../../src/host/approval/kept-approval.ts';
import type { Journals } from '../../../src/host/engine/engine.ts';
import type { JournalRow } from '../../../src/host/engine/journal.ts';
import { MemoryJournals } from '../../../src/host/engine/memory.ts';
import { openState } from '../../../src/host/state.ts';
import { MAX_REPEATS } from '../../../src/host/tool-call/uncertain.ts';
import { approvalSignal } from '../../../src/host/tool-call/waiting-approvals.ts';
import { eventsOf } from '../../fixtures/open-host.ts';
import { until } from '../../registry/fixture.ts';
import { labelled, ledgerWorld, oneCall } from './effect-fixture.ts';

function rowsOf(journals: MemoryJournals, runId: string): string[] {
  return [...journals.read(runId).rows()].flatMap((row: JournalRow) =>
    row.type === 'event' ? [] : [`${row.type} ${row.name}`],
  );
}

test('a claim is written before the request leaves, and none for what only reads', async () => {
  await using world = await ledgerWorld(() => false);
  const journals = new MemoryJournals();
  await using opened = await world.open({ journals });
  const order = opened.host.engine.start(oneCall, labelled('ledger__append_line'));
  expect(await order.result).toMatchObject({ output: { outcome: 'complete' } });
  expect(rowsOf(journals, order.id)).toEqual(['step tools', 'step prepare', 'claim call', 'step call']);
  const claim = [...journals.read(order.id).rows()].find(({ type }) => type === 'claim');
  expect(claim).toMatchObject({
    claim: { name: 'ledger__append_line', server: 'ledger', idempotent: false, attempt: 1, round: 1 },
  });
  const read = opened.host.engine.start(oneCall, labelled('ledger__read_value'));
  await read.result;
  expect(rowsOf(journals, read.id)).toEqual(['step tools', 'step prepare', 'step call']);
});

test.each(['run-lost', 'journal-unavailable'])('without a claim nothing is sent (%s)', async (code) => {
  await using world = await ledgerWorld(() => false);
  const memory = new MemoryJournals();
  const journals: Journals = {
    open: (runId) => memory.open(runId),
    read: (runId) => memory.read(runId),
    fork: (run, rows) => memory.fork(run, rows),
    signal: (runId, name, value) => memory.signal(runId, name, value),
    requestCancel: (runId, reason) => memory.requestCancel(runId, reason),
    create(run) {
      const journal = memory.create(run);
      const append = journal.append.bind(journal);
      return Object.assign(journal, {
        append(row: JournalRow, onWritten?: () => void) {
          if (row.type === 'claim') throw new HostError(code, 'It cannot be written.');
          append(row, onWritten);
        },
      });
    },
  };
  await using opened = await world.open({ journals });
  const run = opened.host.engine.start(oneCall, labelled('ledger__append_line'));
  expect(await run.result).toMatchObject({ type: 'suspended', message: 'It cannot be written.' });
  expect(rowsOf(memory, run.id)).toEqual(['step tools', 'step prepare']);
  await opened.host.engine.start(oneCall, labelled('ledger__read_value', 'b')).result;
  expect(new Set(world.ledger().map(({ label }) => label))).toEqual(new Set(['b']));
});

test('what was cancelled after it was sent is uncertain, and keeps its claim; what only reads is cancelled', async () => {
  await using world = await ledgerWorld();
  const journals = new MemoryJournals();
  await using opened = await world.open({ journals });
  const runs = ['append_line', 'read_value'].map((tool) =>
    opened.host.engine.start(oneCall, labelled(`ledger__${tool}`, tool)),
  );
  await until(() => world.held.length === 2, 'both calls are under way');
  for (const run of runs) run.cancel('enough');
  const ends = await Promise.all(
    runs.map(async (run) => {
      const events = await eventsOf(run);
      return events.flatMap((event) => (event.type === 'tool-call-end' ? [event.outcome] : []));
    }),
  );
  expect(ends).toEqual([['uncertain'], ['cancelled']]);
  const [order, read] = runs;
  expect(rowsOf(journals, order?.id ?? '')).toEqual(['step tools', 'step prepare', 'claim call']);
  expect(rowsOf(journals, read?.id ?? '')).toEqual(['step tools', 'step prepare']);
});

test('a call that was under way when its time limit stopped the run is told when the run goes on', async () => {
  let isHeld = true;
  await using world = await ledgerWorld(({ point }) => isHeld && point === 'effect');
  await using opened = await world.open();
  await opened.host.registry.ready();
  const run = opened.host.engine.start(oneCall, labelled('ledger__append_line'), {
    budget: { timeoutMs: 2_000 },
  });
  expect(await run.result).toMatchObject({ type: 'stopped', limit: 'time' });
  expect(world.held).toHaveLength(1);
  isHeld = false;
  const resumed = await opened.host.engine.resume(run.id, { budget: { timeoutMs: 60_000 } });
  expect(await resumed.result).toMatchObject({ output: { outcome: 'uncertain' } });
  const ends = (await eventsOf(resumed)).filter(({ type }) => type === 'tool-call-end');
  expect(ends).toMatchObject([{ outcome: 'uncertain' }, { outcome: 'uncertain' }]);
  expect(world.ledger().filter(({ type }) => type === 'effect')).toHaveLength(1);
});

test('a safe call that never comes to an end is not repeated for ever', async () => {
  await using world = await ledgerWorld();
  const start = labelled('ledger__charge');
  let runId: string | undefined;
  for (let host = 1; host <= MAX_REPEATS + 1; host += 1) {
    await using opened = await world.open();
    const { engine } = opened.host;
    const run: { readonly id: string } =
      runId === undefined ? engine.start(oneCall, start) : await engine.resume(runId);
    runId = run.id;
    await until(() => world.held.length === host, 'it is sent');
    await engine.close({ graceMs: 0 });
  }
  await using opened = await world.open();
  const run = await opened.host.engine.resume(runId ?? '');
  expect(await run.result).toMatchObject({ type: 'done', output: { outcome: 'uncertain' } });
  expect(JSON.stringify(await run.result)).toMatch(/sent at 20\S+ and again at 20\S+ and again at 20/);
  const sent = world.ledger().filter(({ type }) => type === 'received');
  expect(sent).toHaveLength(MAX_REPEATS + 1);
  expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
});

test('a repetition that cannot be sent leaves the outcome unknown', async () => {
  await using world = await ledgerWorld();
  await using opened = await world.open();
  const { host } = opened;
  const run = host.engine.start(oneCall, labelled('ledger__set_value'));
  await until(() => world.held.length === 1, 'it is sent');
  await world.endServers();
  expect(await run.result).toMatchObject({ type: 'done', output: { outcome: 'uncertain' } });
  const notices = (await eventsOf(run)).filter(({ type }) => type === 'notice');
  expect(notices).toMatchObject([{ code: 'call-repeated' }]);
  expect(world.ledger().filter(({ type }) => type === 'received')).toHaveLength(1);
});

test('an untrusted server is given keys where the config says so, and only there', async () => {
  await using world = await ledgerWorld(() => false);
  const idempotencyKeys = { 'append_*': 'io.switchyard/idempotency-key' };
  await using opened = await world.open({ servers: [world.server({ trust: 'none', idempotencyKeys })] });
  for (const tool of ['append_line', 'charge', 'set_value'])
    await opened.host.engine.start(oneCall, labelled(`ledger__${tool}`, tool)).result;
  const keyOf = (label: string) => world.ledger().find((entry) => entry.label === label)?.key;
  expect(keyOf('append_line')).toMatch(/^[0-9a-f]{32}$/);
  expect(keyOf('charge')).toBeUndefined();
  expect(keyOf('set_value')).toBeUndefined();
});

test('whether a call is sent again can be answered in another process, after its host has gone', async () => {
  let isHeld = true;
  await using world = await ledgerWorld(({ point }) => isHeld && point === 'effect');
  const servers = [world.server({ uncertain: 'ask' })];
  let runId: string;
  {
    await using opened = await world.open({ servers, onAsk: 'wait' });
    const run = opened.host.engine.start(oneCall, labelled('ledger__append_line'), { onWait: 'leave' });
    runId = run.id;
    await until(() => world.held.length === 1, 'it is sent');
    isHeld = false;
    process.kill(world.held[0]?.pid ?? 0, 'SIGKILL');
    expect(await run.result).toMatchObject({ type: 'suspended', reason: 'waiting' });
  }
  {
    using state = openState(world.path);
    const [question] = keptApprovals(state);
    expect(question).toMatchObject({ runId, title: 'once more' });
    expect(question?.reason).toContain('connection-lost');
    expect(decideApproval(state, question?.id ?? '', { decision: 'approved', by: 'person' })).toBe(true);
  }
  await using opened = await world.open({ servers, onAsk: 'wait' });
  using state = openState(world.path);
  const [question] = keptApprovals(state, { ended: true });
  await opened.host.engine.signal(runId, approvalSignal(question?.id ?? ''), null);
  const run = await opened.host.engine.resume(runId);
  expect(await run.result).toMatchObject({ type: 'done', output: { outcome: 'complete' } });
  expect(world.ledger().filter(({ type }) => type === 'effect')).toHaveLength(2);
});
