/** Bytes to text and back without changing a byte that was not edited. */
import { isUtf8 } from 'node:buffer';

import { HostError } from '../../errors.ts';

/** `latin1` stands for any single-byte encoding: every byte is kept, letters beyond ASCII may show wrongly. */
export type TextEncoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | 'latin1';

export type LineEnding = 'lf' | 'crlf' | 'mixed' | 'none';

const SNIFF_BYTES = 8_192;
const MAX_CONTROL_SHARE = 0.02;
const BYTE_ORDER_MARK = '\u{FEFF}';
const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The encoding that the first bytes of a file suggest; undefined when they are no text. */
export function sniffEncoding(head: Buffer): TextEncoding | undefined {
  const sample = head.subarray(0, SNIFF_BYTES);
  if (sample.subarray(0, 3).equals(UTF8_MARK)) return 'utf-8-bom';
  if (sample[0] === 0xff && sample[1] === 0xfe) return 'utf-16le';
  if (sample[0] === 0xfe && sample[1] === 0xff) return 'utf-16be';
  if (sample.includes(0)) return undefined;
  if (isUtf8(withoutCutCharacter(sample))) return 'utf-8';
  const controls = sample.filter(
    (byte) => byte < 0x20 && !(byte >= 0x07 && byte <= 0x0d) && byte !== 0x1b,
  ).length;
  return controls > sample.length * MAX_CONTROL_SHARE ? undefined : 'latin1';
}

/** The whole text without its byte order mark; undefined when the bytes are no text. */
export function decodeText(bytes: Buffer): { text: string; encoding: TextEncoding } | undefined {
  const sniffed = sniffEncoding(bytes);
  if (sniffed === undefined) return undefined;
  const isOddUtf16 = (sniffed === 'utf-16le' || sniffed === 'utf-16be') && bytes.length % 2 === 1;
  const isBrokenUtf8 = (sniffed === 'utf-8' || sniffed === 'utf-8-bom') && !isUtf8(bytes);
  const encoding = isOddUtf16 || isBrokenUtf8 ? 'latin1' : sniffed;
  return { text: decodeAs(bytes, encoding), encoding };
}

/** Throws a HostError with code `not-representable` when the encoding lacks a character. */
export function encodeText(text: string, encoding: TextEncoding): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text, 'utf8');
    case 'utf-8-bom':
      return Buffer.from(BYTE_ORDER_MARK + text, 'utf8');
    case 'utf-16le':
      return Buffer.from(BYTE_ORDER_MARK + text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(BYTE_ORDER_MARK + text, 'utf16le').swap16();
    case 'latin1': {
      const foreign = /[\u{100}-\u{10FFFF}]/u.exec(text);
      if (foreign === null) return Buffer.from(text, 'latin1');
      throw new HostError(
        'not-representable',
        `The file is not UTF-8 but in a single-byte encoding, which has no '${foreign[0]}'. Use characters it has, or write the whole file anew with write_file, which makes it UTF-8.`,
      );
    }
  }
}

export function lineEndingOf(text: string): LineEnding {
  let crlf = 0;
  let lf = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    if (text.charCodeAt(at - 1) === 0x0d) crlf += 1;
    else lf += 1;
  }
  if (crlf === 0) return lf === 0 ? 'none' : 'lf';
  return lf === 0 ? 'crlf' : 'mixed';
}

function decodeAs(bytes: Buffer, encoding: TextEncoding): string {
  switch (encoding) {
    case 'utf-8':
      return bytes.toString('utf8');
    case 'utf-8-bom':
      return bytes.toString('utf8', 3);
    case 'utf-16le':
      return bytes.toString('utf16le', 2);
    case 'utf-16be':
      return Buffer.from(bytes.subarray(2)).swap16().toString('utf16le');
    case 'latin1':
      return bytes.toString('latin1');
  }
}

/** A sample may end inside a character of up to four bytes. */
function withoutCutCharacter(sample: Buffer): Buffer {
  if (sample.length < SNIFF_BYTES) return sample;
  for (let back = 1; back <= 4; back += 1) {
    const byte = sample[sample.length - back] ?? 0;
    if (byte < 0x80) return sample;
    if (byte >= 0xc0) return sample.subarray(0, sample.length - back);
  }
  return sample;
}
