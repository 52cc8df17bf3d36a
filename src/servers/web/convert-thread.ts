/** The converting thread: one page at a time into Markdown or text. Started by convert.ts only. */
import { parentPort } from 'node:worker_threads';

import { messageOf } from '../../errors.ts';
import type { ConversionReply, ConversionRequest } from './convert.ts';

async function convert(request: ConversionRequest): Promise<ConversionReply> {
  if (request.type === 'pdf') {
    const { pdfToText } = await import('./pdf-to-text.ts');
    return { type: 'done', extraction: 'none', ...(await pdfToText(request.bytes)) };
  }
  const { htmlToMarkdown } = await import('./html-to-markdown.ts');
  return { type: 'done', ...htmlToMarkdown(request.html, request.url) };
}

parentPort?.on('message', (request: ConversionRequest) => {
  convert(request).then(
    (reply) => parentPort?.postMessage(reply),
    (error: unknown) =>
      parentPort?.postMessage({ type: 'failed', message: messageOf(error) } satisfies ConversionReply),
  );
});
