import { describe, expect, test } from 'vitest';

import { readZipMember } from '../../src/download/zip-member.ts';
import { zip } from '../fixtures/zip.ts';

const TEXT = Buffer.from('the same words again and again '.repeat(200));

describe('what goes wrong', () => {
  test('bytes that are no archive are named as such', () => {
    expect(() => readZipMember(Buffer.from('<html>not found</html>'.repeat(9)), 'a')).toThrow(
      /no zip archive/,
    );
    expect(() => readZipMember(Buffer.alloc(0), 'a')).toThrow(/no zip archive/);
  });

  test('a member that is not there is named', () => {
    expect(() => readZipMember(zip([{ name: 'a.txt', content: TEXT }]), 'b.txt')).toThrow(
      /no member 'b.txt'/,
    );
  });

  test('an archive whose content was cut out is damaged, not shorter', () => {
    const archive = zip([{ name: 'a.txt', content: TEXT }]);
    const cut = Buffer.concat([archive.subarray(0, 20), archive.subarray(60)]);
    expect(() => readZipMember(cut, 'a.txt')).toThrow();
  });

  test('a member that unpacks to more than it declares is refused', () => {
    const archive = zip([{ name: 'a.txt', content: TEXT }]);
    const directory = archive.lastIndexOf('PK\u0001\u0002', undefined, 'latin1');
    archive.writeUInt32LE(10, directory + 24);
    expect(() => readZipMember(archive, 'a.txt')).toThrow();
  });

  test('an unknown compression is named by its number', () => {
    const archive = zip([{ name: 'a.txt', content: TEXT }]);
    const directory = archive.lastIndexOf('PK\u0001\u0002', undefined, 'latin1');
    archive.writeUInt16LE(14, directory + 10);
    expect(() => readZipMember(archive, 'a.txt')).toThrow(/method 14/);
  });
});

test('stored and deflated members come out byte for byte', () => {
  const archive = zip([
    { name: 'x/first.bin', content: TEXT, method: 'stored' },
    { name: 'x/second.bin', content: TEXT },
    { name: 'empty', content: Buffer.alloc(0), method: 'stored' },
  ]);
  expect(readZipMember(archive, 'x/first.bin').equals(TEXT)).toBe(true);
  expect(readZipMember(archive, 'x/second.bin').equals(TEXT)).toBe(true);
  expect(readZipMember(archive, 'empty')).toHaveLength(0);
});
