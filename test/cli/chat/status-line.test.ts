import { expect, test } from 'vitest';

import { createHighlighter } from '../../../src/host/cli/chat/highlight.ts';
import { StatusLine } from '../../../src/host/cli/chat/status-line.ts';
import { createTheme } from '../../../src/host/cli/chat/theme.ts';
import { UsageMeter } from '../../../src/host/cli/chat/usage-meter.ts';
import type { RunEvent } from '../../../src/host/event.ts';

const place = { runId: 'r', path: 'turn-1', at: 0, number: 1 };
const counts = { inputTokens: 1_000, outputTokens: 200, cacheReadTokens: 300, cacheWriteTokens: 0 };
const message = { role: 'assistant', content: [] } as const;

function modelEnd(more: object = {}): RunEvent {
  const event = {
    type: 'model-end',
    step: 's',
    model: 'm',
    message,
    stopReason: 'end',
    durationMs: 1,
  } as const;
  return { ...place, ...event, usage: counts, costUsd: 0.005, ...more };
}

function runEnd(costUsd?: number): RunEvent {
  const totals = { turns: 1, toolCalls: 0, usage: counts, ...(costUsd === undefined ? {} : { costUsd }) };
  return { ...place, type: 'run-end', outcome: 'done', totals, durationMs: 1 };
}

function line(meter: UsageMeter, width: number): string {
  const theme = createTheme({ colour: false, unicode: true }, createHighlighter());
  const facts = { model: 'anthropic/a-model', contextWindowTokens: 10_000, place: 'a-folder' };
  const [text = ''] = new StatusLine(theme, () => ({ ...facts, spent: meter.spent })).render(width);
  return text.replaceAll(/\p{Cc}\[\d*m/gu, '');
}

test('counts calls as they end, and takes the totals of a run when it has ended', () => {
  const meter = new UsageMeter();
  expect(line(meter, 100)).toBe('anthropic/a-model · 0 in 0 out · cost $0.00 · context unknown · a-folder');
  meter.count(modelEnd());
  expect(line(meter, 100)).toBe(
    'anthropic/a-model · 1.3k in (300 cached) 200 out · cost $0.0050 · context 15% · a-folder',
  );
  meter.count(runEnd(0.02));
  expect(line(meter, 100)).toContain('cost $0.02 · context 15%');
  meter.count(modelEnd());
  expect(line(meter, 100)).toContain('2.6k in (600 cached) 400 out · cost $0.03');
});

test('a call that sums up costs, and is not what fills the context', () => {
  const meter = new UsageMeter();
  meter.count(modelEnd());
  meter.count(modelEnd({ path: 'turn-2/fit', usage: { ...counts, inputTokens: 9_000 } }));
  expect(line(meter, 100)).toContain('cost $0.01 · context 15%');
});

test('an unknown price or count makes the sum unknown', () => {
  const meter = new UsageMeter();
  meter.count(modelEnd({ costUsd: undefined, usage: { ...counts, unknown: true } }));
  expect(line(meter, 100)).toContain('? in ? out · cost unknown · context unknown');
  meter.count(modelEnd());
  expect(line(meter, 100)).toContain('cost unknown · context 15%');
});

test('on a narrow terminal it says less, and the model and the context last', () => {
  const meter = new UsageMeter();
  meter.count(modelEnd());
  expect(line(meter, 60)).toBe('anthropic/a-model · 1.3k/200 · $0.0050 · ctx 15% · a-folder');
  expect(line(meter, 40)).toBe('a-model · 1.3k/200 · $0.0050 · ctx 15%');
  expect(line(meter, 20)).toBe('a-model · ctx 15%');
  expect(line(meter, 5)).toBe('a-mo…');
});
