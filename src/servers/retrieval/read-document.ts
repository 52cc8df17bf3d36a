/** From the bytes of a file to its parsed form. */
import { extname } from 'node:path';

import { HostError } from '../../errors.ts';
import type { ParsedDocument, SourceLine } from './parsed.ts';

const MARKDOWN = new Set(['.md', '.markdown', '.mdx', '.mdown']);
const HTML = new Set(['.html', '.htm', '.xhtml']);
const BINARY_PROBE_BYTES = 8_192;

/** Rejects with HostError `binary-file` or `unreadable-document`; the message completes "<path>: …". */
export async function readDocument(path: string, content: Uint8Array): Promise<ParsedDocument> {
  const extension = extname(path).toLowerCase();
  if (extension === '.pdf' || startsAsPdf(content)) return (await import('./pdf.ts')).parsePdf(content);
  const text = decode(content);
  if (HTML.has(extension)) return (await import('./html.ts')).parseHtml(text);
  const lines: readonly SourceLine[] = text
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ text: line, number: index + 1 }));
  return MARKDOWN.has(extension)
    ? { kind: 'markdown', parts: [{ lines, syntax: 'markdown' }] }
    : { kind: 'text', parts: [{ lines, syntax: 'plain' }] };
}

function startsAsPdf(content: Uint8Array): boolean {
  return Buffer.from(content.subarray(0, 5)).toString('latin1') === '%PDF-';
}

/** UTF-8, or UTF-16 with a byte order mark. */
function decode(content: Uint8Array): string {
  const [first, second] = content;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(content);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(content);
  if (content.subarray(0, BINARY_PROBE_BYTES).includes(0)) throw new HostError('binary-file', 'it is binary');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    throw new HostError('binary-file', 'it is neither UTF-8 text nor a format that is read', {
      cause: error,
    });
  }
}
