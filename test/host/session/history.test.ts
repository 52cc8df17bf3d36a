import { expect, test } from 'vitest';

import type { ModelMessage } from '../../../src/host/model/model.ts';
import type { SessionRun } from '../../../src/host/session/contract.ts';
import { historyOf } from '../../../src/host/session/history.ts';

const said = (text: string): ModelMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const call: ModelMessage = {
  role: 'assistant',
  content: [{ type: 'tool-call', callId: 'c1', name: 'tools__order', arguments: {} }],
};
const result: ModelMessage = {
  role: 'tool',
  results: [
    { callId: 'c1', name: 'tools__order', isError: false, content: [{ type: 'text', text: 'ordered' }] },
  ],
};

function run(messages: readonly ModelMessage[], outcome?: SessionRun['outcome']): SessionRun {
  const kept = messages.map((message) => ({ atMs: 0, message }));
  return { runId: 'run_1', startedAtMs: 0, messages: kept, damaged: 0, ...(outcome ? { outcome } : {}) };
}

test('a call that a dead host left open gets a result that says so, and the run an end', () => {
  const history = historyOf([run([said('order it'), call])]);
  expect(history.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
  expect(JSON.stringify(history[2])).toMatch(
    /"c1".*"isError":true.*before an answer to this call was recorded/,
  );
  expect(JSON.stringify(history[3])).toContain('[The answer was cut off here.]');
});

test('a result whose call is lost is left out, because no provider takes it', () => {
  const history = historyOf([run([said('order it'), result], 'stopped')]);
  expect(history.map(({ role }) => role)).toEqual(['user', 'assistant']);
  expect(JSON.stringify(history[1])).toContain('was stopped by a limit here');
});

test('a finished run stays as it was', () => {
  const messages = [said('order it'), call, result, said('thanks')];
  const answer: ModelMessage = { role: 'assistant', content: [{ type: 'text', text: 'done' }] };
  expect(historyOf([run([...messages, answer], 'done')])).toEqual([...messages, answer]);
});

test('of a turn that broke off, the results that came stand beside a word on those that did not', () => {
  const two: ModelMessage = {
    role: 'assistant',
    content: ['c1', 'c2'].map((callId) => ({
      type: 'tool-call',
      callId,
      name: 'tools__order',
      arguments: {},
    })),
  };
  const [, , results] = historyOf([run([said('order both'), two, result], 'cancelled')]);
  expect(results).toMatchObject({
    role: 'tool',
    results: [
      { callId: 'c1', isError: false, content: [{ text: 'ordered' }] },
      { callId: 'c2', isError: true, content: [{ text: expect.stringContaining('before an answer') }] },
    ],
  });
});
