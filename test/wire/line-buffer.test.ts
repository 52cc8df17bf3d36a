import { expect, test } from 'vitest';

import { LineBuffer, type OverlongLine } from '../../src/wire/line-buffer.ts';
import { identifyOverlong } from '../../src/wire/overlong-id.ts';

function collect(limit: number) {
  const lines: string[] = [];
  const overlong: OverlongLine[] = [];
  const buffer = new LineBuffer(limit, {
    line: (bytes) => void lines.push(bytes.toString()),
    overlong: (line) => void overlong.push(line),
  });
  return { buffer, lines, overlong };
}

test('a line over the limit is drained, and the next one is whole', () => {
  const { buffer, lines, overlong } = collect(20);
  for (const part of ['{"id":7,', 'x'.repeat(30_000), '"id":8}\nnext', ' line\n'])
    buffer.push(Buffer.from(part));
  expect(lines).toEqual(['next line']);
  expect(overlong[0]?.sizeBytes).toBe(30_015);
  expect(overlong[0]?.head.toString().startsWith('{"id":7,')).toBe(true);
  expect(overlong[0]?.tail.toString().endsWith('"id":8}')).toBe(true);
});

test('lines come out whole however the chunks are cut', () => {
  const whole = Buffer.from('one\ntwo ü\n\nthree\n');
  for (let size = 1; size <= whole.length; size += 1) {
    const { buffer, lines } = collect(100);
    for (let at = 0; at < whole.length; at += size) buffer.push(whole.subarray(at, at + size));
    expect(lines).toEqual(['one', 'two ü', '', 'three']);
  }
});

test('an unfinished line comes out at the end', () => {
  const { buffer, lines } = collect(100);
  buffer.push(Buffer.from('half'));
  buffer.end();
  expect(lines).toEqual(['half']);
});

test('a line at the limit passes, one byte more does not', () => {
  const { buffer, lines, overlong } = collect(4);
  buffer.push(Buffer.from('1234\n12345\n'));
  expect([lines, overlong.length]).toEqual([['1234'], 1]);
});

const line = (head: string, tail: string): OverlongLine => ({
  sizeBytes: 1,
  head: Buffer.from(head),
  tail: Buffer.from(tail),
});

test('the id is found at the start, at the end, and not mistaken for one in the result', () => {
  expect(identifyOverlong(line('{"jsonrpc":"2.0","id":3,"result":{"id":4', 'x"}}')).candidates[0]).toBe(3);
  expect(
    identifyOverlong(line('{"result":{"id":4,"a":"', '"},"jsonrpc":"2.0","id":"a\\"b"}')).candidates[0],
  ).toBe('a"b');
  expect(identifyOverlong(line('xxxx', 'xxxx')).candidates).toEqual([]);
});

test('a request or notification of the server is told from an answer', () => {
  expect(
    identifyOverlong(line('{"jsonrpc":"2.0","method":"notifications/message","params":{"a":"', ''))
      .fromServer,
  ).toBe(true);
  expect(identifyOverlong(line('{"jsonrpc":"2.0","id":1,"result":{"method":"x","a":"', '')).fromServer).toBe(
    false,
  );
});
