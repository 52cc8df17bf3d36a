import { expect, test } from 'vitest';

import type { StoredEventInput } from '../../../src/host/event.ts';
import type { Guard } from '../../../src/host/guard/guard.ts';
import { createGuards, type GuardsOptions } from '../../../src/host/guard/pipeline.ts';

function pipeline(guards: readonly Guard[], options: Partial<GuardsOptions> = {}) {
  const events: StoredEventInput[] = [];
  const all = createGuards({
    guards: async () => guards,
    redact: (value) => value,
    filter: () => undefined,
    ...options,
  });
  const context = {
    signal: new AbortController().signal,
    emit: (event: StoredEventInput): void => void events.push(event),
  };
  return { all, context, events };
}

const call = { callId: 'c1', name: 's__t', server: 's', readOnly: true, arguments: { a: 'x' } };
const upper: Guard = {
  name: 'upper',
  input: (text) => ({ type: 'revise', value: text.toUpperCase(), reason: 'louder' }),
};

test('a guard that throws denies at every stage, and what failed is told', async () => {
  const fail = (): never => {
    throw new Error('no disk');
  };
  const { all, context, events } = pipeline([
    { name: 'broken', input: fail, toolCall: fail, toolResult: fail, output: fail },
  ]);
  const denied = { type: 'deny', reason: expect.stringMatching(/"broken" failed \(no disk\)/) };
  expect(await all.input('x', context)).toEqual(denied);
  expect(await all.toolCall(call, context)).toEqual(denied);
  expect(await all.toolResult({ ...call, result: {} }, context)).toEqual(denied);
  const output = await all.output(context);
  expect(await output.finish({ role: 'assistant', content: [] })).toEqual(denied);
  expect(
    events.map((event) => event.type === 'verdict' && [event.stage, event.guard, event.verdict]),
  ).toEqual(['input', 'tool-call', 'tool-result', 'output'].map((stage) => [stage, 'broken', 'deny']));
});

test('guards that cannot be loaded deny, and nothing streams', async () => {
  const { all, context } = pipeline([], { guards: () => Promise.reject(new Error('no module')) });
  expect(await all.input('x', context)).toMatchObject({
    type: 'deny',
    reason: expect.stringContaining('no module'),
  });
  const output = await all.output(context);
  expect(output.push('text', 'hello ')).toBe('');
});

test('what one guard revised is what the next one sees', async () => {
  const seen: string[] = [];
  const look: Guard = {
    name: 'look',
    input: (text) => {
      seen.push(text);
      return { type: 'allow' };
    },
  };
  const { all, context, events } = pipeline([look, upper, look]);
  expect(await all.input('quiet', context)).toEqual({ type: 'allow', value: 'QUIET' });
  expect(seen).toEqual(['quiet', 'QUIET']);
  expect(events).toEqual([
    { type: 'verdict', stage: 'input', guard: 'upper', verdict: 'revise', reason: 'louder' },
  ]);
});

const curious: Guard = {
  name: 'curious',
  input: () => ({ type: 'ask', question: 'Take it?', reason: 'it is odd' }),
  toolCall: () => ({ type: 'ask', question: 'Call it?', reason: 'it is odd' }),
};

test('a question of a guard goes to the person; a yes is told as allow', async () => {
  const { all, context, events } = pipeline([curious, upper], { ask: async () => true });
  expect(await all.input('x', context)).toEqual({ type: 'allow', value: 'X' });
  expect(events.map((event) => event.type === 'verdict' && [event.guard, event.verdict])).toEqual([
    ['curious', 'ask'],
    ['upper', 'revise'],
    ['curious', 'allow'],
  ]);
});

test('a question is a refusal where the person says no, and where nobody can be asked', async () => {
  for (const options of [{ ask: async () => false }, {}]) {
    const { all, context } = pipeline([curious], options);
    expect(await all.input('x', context)).toEqual({ type: 'deny', reason: 'it is odd' });
  }
});

test('of a call a question is handed on with the arguments, and a refusal ends the asking', async () => {
  const { all, context } = pipeline([curious]);
  expect(await all.toolCall(call, context)).toEqual({
    type: 'ask',
    guard: 'curious',
    question: 'Call it?',
    reason: 'it is odd',
    value: { a: 'x' },
  });
  const strict: Guard = { name: 'strict', toolCall: () => ({ type: 'deny', reason: 'never' }) };
  const refusing = pipeline([strict, curious]);
  expect(await refusing.all.toolCall(call, refusing.context)).toEqual({ type: 'deny', reason: 'never' });
  expect(refusing.events).toHaveLength(1);
});
