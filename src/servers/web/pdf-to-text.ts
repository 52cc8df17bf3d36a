/** The text of a PDF. Runs in the converting thread. */
export interface PdfText {
  readonly title: string;
  readonly text: string;
}

export async function pdfToText(bytes: Uint8Array): Promise<PdfText> {
  const { extractText, getDocumentProxy, getMeta } = await import('unpdf');
  const document = await getDocumentProxy(bytes);
  const { text, totalPages } = await extractText(document, { mergePages: false });
  const { info } = await getMeta(document);
  const title: unknown = info['Title'];
  const pages = text.map((page, index) => `## Page ${index + 1} of ${totalPages}\n\n${page.trim()}`);
  return { title: typeof title === 'string' ? title.trim() : '', text: pages.join('\n\n') };
}
