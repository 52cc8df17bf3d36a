import { expect, test } from 'vitest';

import { type ServerSentEvent, ServerSentEvents } from '../../../src/host/model/server-sent-events.ts';

function read(pieces: readonly string[]): ServerSentEvent[] {
  const reader = new ServerSentEvents();
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

const STREAM =
  '\ufeffevent: one\ndata: {"a":1}\n\n: a comment\nid: 7\ndata:first\ndata:  second\n\nevent:three\ndata\n\n';
const EVENTS = [
  { event: 'one', data: '{"a":1}' },
  { event: undefined, data: 'first\n second' },
];

test.each(['\n', '\r\n', '\r'])('lines may end with %j, and pieces anywhere', (end) => {
  const stream = STREAM.replaceAll('\n', end);
  for (let size = 1; size <= stream.length; size += 1) {
    const pieces = stream.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    expect(read(pieces)).toEqual(EVENTS);
  }
});

test('an event without its blank line is none', () => {
  expect(read(['data: whole\n\ndata: half\n'])).toEqual([{ event: undefined, data: 'whole' }]);
});

test('a line that comes in very many pieces is read once', () => {
  const piece = 'x'.repeat(10_000);
  const found = read(['data: ', ...Array.from({ length: 2_000 }, () => piece), '\n\n']);
  expect(found.map(({ data }) => data.length)).toEqual([20_000_000]);
});
