import { expect, test } from 'vitest';

import { mergeDeltas } from '../../../src/host/model/merge-deltas.ts';
import type { ModelEvent } from '../../../src/host/model/model.ts';

const say = (text: string): ModelEvent => ({ type: 'text-delta', text });
const think = (text: string): ModelEvent => ({ type: 'thinking-delta', text });
const argument = (text: string): ModelEvent => ({ type: 'tool-input-delta', callId: 'a', text });

test('neighbouring words of one kind become one delta, in their order among all else', () => {
  const events = [
    think('Let '),
    think('me.'),
    say('I '),
    say('add.'),
    argument('{'),
    argument('}'),
    say('!'),
  ];
  expect([...mergeDeltas(events)]).toEqual([
    think('Let me.'),
    say('I add.'),
    argument('{'),
    argument('}'),
    say('!'),
  ]);
});

test('what was said before a fault is told before it', () => {
  const told: ModelEvent[] = [];
  const broken = function* (): Generator<ModelEvent> {
    yield say('half ');
    yield say('a sentence');
    throw new Error('broken');
  };
  expect(() => {
    for (const event of mergeDeltas(broken())) told.push(event);
  }).toThrow('broken');
  expect(told).toEqual([say('half a sentence')]);
});
