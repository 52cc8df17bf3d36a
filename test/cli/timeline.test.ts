import { expect, test } from 'vitest';

import { timelineOf } from '../../src/host/cli/runs/timeline.ts';
import type { JournalRow } from '../../src/host/engine/journal.ts';

const PATH = 'turn-1/call-1';
const START: JournalRow = {
  type: 'event',
  event: {
    type: 'tool-call-start',
    callId: 'a',
    name: 'shop__order',
    server: 'shop',
    arguments: { thing: 'tea' },
    runId: 'run_1',
    path: PATH,
    number: 1,
    at: 10,
  },
};
const CLAIM: JournalRow = { type: 'claim', path: PATH, ordinal: 1, name: 'call', claim: {}, atMs: 20 };

function step(name: string, ordinal: number, result: object | number, path = PATH): JournalRow {
  const text = JSON.stringify(result);
  return { type: 'step', path, ordinal, name, startedAtMs: 20, durationMs: 5, result: text };
}

test('a call that was sent and has no answer is uncertain, unless its host is still at work', () => {
  const rows = [step('prepare', 0, {}), START, CLAIM];
  const what = 'call shop__order {"thing":"tea"}';
  expect(timelineOf(rows, { live: false })).toMatchObject([
    { number: 1, type: 'step', what: 'prepare shop__order {"thing":"tea"}', outcome: 'ok' },
    { number: 3, type: 'claim', what, uncertain: true },
  ]);
  const [, open] = timelineOf(rows, { live: true });
  expect(open).toMatchObject({ what, outcome: 'sent; no answer yet' });
  expect(open).not.toHaveProperty('uncertain');
});

test('a claim says nothing more once its step has ended, and the step says how', () => {
  const uncertain = timelineOf([START, CLAIM, step('call', 1, { type: 'uncertain', cause: 'timeout' })], {
    live: false,
  });
  expect(uncertain).toMatchObject([{ number: 3, outcome: 'UNCERTAIN (timeout)', uncertain: true }]);
  const done = step('call', 1, { type: 'finished', result: { outcome: 'complete' } });
  expect(timelineOf([START, CLAIM, done], { live: false })).toMatchObject([
    { number: 3, what: 'call shop__order {"thing":"tea"}', outcome: 'complete', durationMs: 5 },
  ]);
});

test('waits say what for, and times until when', () => {
  const at = Date.UTC(2026, 0, 2);
  const rows = [
    step('wait-until:approval:3kf9x2ab', 0, at, ''),
    step('wait:approval:3kf9x2ab', 1, 0, ''),
    step('sleep-until', 2, at, ''),
    step('my own step', 3, {}, ''),
  ];
  expect(timelineOf(rows, { live: false }).map(({ what }) => what)).toEqual([
    'wait for approval 3kf9x2ab until 2026-01-02T00:00:00.000Z',
    'wait for approval 3kf9x2ab',
    'sleep until 2026-01-02T00:00:00.000Z',
    'my own step',
  ]);
});
