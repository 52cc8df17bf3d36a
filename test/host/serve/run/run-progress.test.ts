import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { RunEvent, StoredEventInput } from '../../../../src/host/event.ts';
import { RunProgress } from '../../../../src/host/serve/run/run-progress.ts';
import type { Progress } from '../../../../src/registry/contract.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PLACE = { runId: 'run_1', path: 'turn-1', at: 0 };
const said = (text: string): RunEvent => ({
  ...PLACE,
  ...{ type: 'text-delta', step: 'turn-1#0', attempt: 1, offset: 0, text },
});
const told = (event: StoredEventInput): RunEvent => ({ ...PLACE, number: 1, ...event });

test('a growing text is told once a second, by its end alone where it is long', () => {
  const progress: Progress[] = [];
  using teller = new RunProgress((one) => progress.push(one));
  for (const text of ['The answer ', 'is ', 'near.']) teller.tell(said(text));
  expect(progress).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(progress).toEqual([{ progress: 1, message: 'The answer is near.' }]);
  teller.tell(said('x'.repeat(5_000)));
  vi.advanceTimersByTime(1_000);
  expect(progress[1]).toEqual({ progress: 2, message: `…${'x'.repeat(200)}` });
  vi.advanceTimersByTime(60_000);
  expect(progress).toHaveLength(2);
});

test('what begins and ends is told at once, without arguments, and never after the end of the wait', () => {
  const progress: Progress[] = [];
  {
    using teller = new RunProgress((one) => progress.push(one));
    const call = { callId: 'one', name: 'bank__pay', server: 'bank' };
    teller.tell(told({ type: 'tool-call-start', ...call, arguments: { iban: 'DE02 1203' } }));
    teller.tell(
      told({ type: 'tool-call-end', ...call, outcome: 'complete', sizeBytes: 2, text: 'ok', durationMs: 1 }),
    );
    teller.tell(told({ type: 'turn-end', turn: 1, toolCalls: 1 }));
    teller.tell(said('And so'));
  }
  vi.advanceTimersByTime(60_000);
  expect(progress).toEqual([
    { progress: 1, message: 'Calling bank__pay' },
    { progress: 2, message: 'bank__pay: complete' },
  ]);
});
