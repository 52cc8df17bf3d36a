import { afterEach, beforeEach, expect, test } from 'vitest';

import type { RunEvent, StoredEventInput } from '../../../src/host/event.ts';
import { runEventLogger } from '../../../src/host/telemetry/run-log.ts';
import { type LogFixture, logFixture } from './log-fixture.ts';

let fixture: LogFixture;
beforeEach(() => {
  fixture = logFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0 };
const STORY: readonly StoredEventInput[] = [
  { type: 'run-start', workflow: 'agent', input: { request: 'Read it' }, budget: { maxTurns: 25 } },
  { type: 'turn-start', turn: 1, model: 'openai/x', toolCount: 3 },
  { type: 'model-start', step: 'turn-1/model', model: 'openai/x' },
  {
    type: 'model-end',
    step: 'turn-1/model',
    model: 'openai/x',
    message: {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I shall read.' },
        { type: 'tool-call', callId: 'c1', name: 'filesystem__read_file', arguments: { path: 'a.txt' } },
      ],
    },
    stopReason: 'tool-calls',
    usage,
    costUsd: 0.002,
    durationMs: 12,
  },
  {
    type: 'tool-call-start',
    callId: 'c1',
    name: 'filesystem__write_file',
    server: 'filesystem',
    arguments: { path: 'a.txt', content: `${'long '.repeat(20_000)}`, password: 'hunter2' },
  },
  {
    type: 'tool-call-end',
    callId: 'c1',
    name: 'filesystem__write_file',
    server: 'filesystem',
    outcome: 'uncertain',
    sizeBytes: 0,
    durationMs: 3,
    error: { code: 'connection-lost', message: 'The server exited' },
  },
  { type: 'limit-reached', limit: 'usd', message: 'The run may cost 1 USD' },
  {
    type: 'run-end',
    outcome: 'stopped',
    output: 'x',
    totals: { turns: 1, toolCalls: 1, usage },
    durationMs: 20,
  },
];

async function* eventsOf(story: readonly StoredEventInput[], failure?: Error): AsyncGenerator<RunEvent> {
  for (const [index, input] of story.entries()) {
    yield {
      runId: 'run-1',
      path: '',
      at: 0,
      type: 'text-delta',
      text: 'secretly',
      step: 's',
      attempt: 1,
      offset: 0,
    };
    yield { runId: 'run-1', path: index === 4 ? 'turn-1/call-1' : '', at: 0, number: index + 1, ...input };
  }
  if (failure !== undefined) throw failure;
}

test('a stream of events that fails is told in the log and never rejects', async () => {
  const log = fixture.open();
  await runEventLogger(log.sink)(eventsOf(STORY.slice(0, 1), new Error('the stream broke')));
  await log.close();
  expect(fixture.lines()).toMatchObject([
    { event: 'run-start' },
    { level: 'error', event: 'run-log-failed', fields: { message: 'the stream broke' } },
  ]);
});

test('the log tells the whole story of a run, with sizes instead of large values and without secrets', async () => {
  const log = fixture.open();
  await runEventLogger(log.sink)(eventsOf(STORY));
  await log.close();
  const lines = fixture.lines();
  expect(lines.map((line) => line['event'])).toEqual(STORY.map(({ type }) => type));
  expect(lines.every((line) => line['run'] === 'run-1')).toBe(true);
  expect(lines[3]).toMatchObject({
    step: 'turn-1/model',
    fields: {
      usage,
      costUsd: 0.002,
      durationMs: 12,
      message: { textCharacters: 13, toolCalls: ['filesystem__read_file'] },
    },
  });
  expect(lines[4]).toMatchObject({
    server: 'filesystem',
    fields: {
      number: 5,
      path: 'turn-1/call-1',
      name: 'filesystem__write_file',
      arguments: {
        path: 'a.txt',
        content: expect.stringContaining('more characters'),
        password: '[redacted]',
      },
      argumentBytes: { path: 7, content: 100_002, password: 9 },
    },
  });
  expect(lines[5]).toMatchObject({
    level: 'warn',
    fields: { outcome: 'uncertain', error: { code: 'connection-lost' } },
  });
  expect(lines[6]).toMatchObject({ level: 'warn', fields: { limit: 'usd' } });
  expect(lines[7]).toMatchObject({ level: 'warn', fields: { outcome: 'stopped', totals: { toolCalls: 1 } } });
  expect(fixture.text()).not.toMatch(/hunter2|secretly/);
  expect(fixture.text().length).toBeLessThan(6000);
});
