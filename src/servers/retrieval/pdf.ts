import { HostError, messageOf } from '../../errors.ts';
import type { ParsedDocument } from './parsed.ts';

/** One part a page; a line is a line as it stands on the page. Rejects with HostError `unreadable-document`. */
export async function parsePdf(content: Uint8Array): Promise<ParsedDocument> {
  const { extractText } = await import('unpdf');
  const pages = await readPages(content, extractText);
  if (pages.every((page) => page.trim() === '')) {
    throw new HostError(
      'unreadable-document',
      `its ${pages.length} pages hold no text, only images; run it through text recognition (OCR) first`,
    );
  }
  const parts = pages.map((page, index) => ({
    lines: page.split('\n').map((text, line) => ({ text, number: line + 1 })),
    syntax: 'plain' as const,
    page: index + 1,
  }));
  return { kind: 'pdf', parts };
}

async function readPages(
  content: Uint8Array,
  extractText: typeof import('unpdf').extractText,
): Promise<readonly string[]> {
  try {
    // The reader takes possession of the bytes it is given, and refuses a Buffer.
    const { text } = await extractText(new Uint8Array(content), { mergePages: false });
    return text;
  } catch (error) {
    throw new HostError('unreadable-document', `it is no readable PDF: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
