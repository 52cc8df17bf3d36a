/** Whether a source says what it is cited for: it is read again, and nobody's word is taken for it. */
import { callTool, HostError, type Judgement, type RunContext } from 'switchyard';
import * as z from 'zod';

export const Answer = z.object({
  answer: z.string().describe('A few sentences, with [1], [2] … behind what is taken from a source.'),
  citations: z
    .array(
      z.object({
        source: z
          .string()
          .describe('The file as the library names it, without lines; or the address of the page.'),
        quote: z.string().describe('A sentence of the source, word for word.'),
      }),
    )
    .min(1),
});
export type Answer = z.infer<typeof Answer>;

export async function checkCitations(
  context: RunContext,
  { draft }: { readonly draft: Answer },
): Promise<Judgement> {
  const faults: string[] = [];
  for (const { source, quote } of draft.citations) {
    const text = await textOf(context, source);
    if (text === undefined) faults.push(`${source} cannot be read. Cite only what you have read.`);
    else if (!plain(text).includes(plain(quote))) faults.push(`${source} does not say: ${quote}`);
  }
  return { accepted: faults.length === 0, feedback: faults.join('\n') };
}

async function textOf(context: RunContext, source: string): Promise<string | undefined> {
  try {
    const { text } = /^https?:/.test(source)
      ? await callTool(context, 'web__fetch', { url: source })
      : await callTool(context, 'files__read_file', { path: source });
    return text;
  } catch (error) {
    // What ends the run, such as a limit, is none of this function's business.
    if (error instanceof HostError && error.code === 'tool-error') return undefined;
    throw error;
  }
}

/** Line breaks and the marks of Markdown are no words. */
function plain(text: string): string {
  return text.replaceAll(/[\s*_`>#|]+/g, ' ').trim();
}
