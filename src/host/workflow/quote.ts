import { isCalled } from '../../by-name.ts';
import { HostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { isJsonObject, jsonText } from '../../json.ts';
import type { RunContext } from '../context.ts';
import type { RegisteredWorkflow } from '../engine/engine.ts';
import type { Quote } from '../event.ts';
import { guardedRequest } from '../guard/input-step.ts';
import type { Guards } from '../guard/verdict.ts';
import type { SessionLog } from '../session/contract.ts';
import { openConversation } from '../session/conversation.ts';

export type QuoteInput = { readonly request: string };

export type QuoteOutput = {
  readonly origin: 'quote';
  readonly text: string;
  readonly quotes: readonly Quote[];
};

export const SEARCH = 'retrieval__search';
const MAX_QUOTES = 3;

/**
 * What the program says when no model is in reach: the best sentences that retrieval holds, verbatim, with file and
 * line. It makes no claim to answer.
 */
export function quoteWorkflow(
  guards: Guards,
  sessions: SessionLog,
): RegisteredWorkflow<QuoteInput & Json, QuoteOutput & Json> {
  return {
    name: 'quote',
    run: async (context, input) => {
      const request = await guardedRequest(context, guards, input.request);
      const conversation = await openConversation(context, sessions, undefined);
      await conversation.keep({ role: 'user', content: [{ type: 'text', text: request }] });
      const output = await quote(context, request);
      const text = `[Quotes from documents, without a model]\n${output.text}`;
      await conversation.keep({ role: 'assistant', content: [{ type: 'text', text }] });
      return output;
    },
  };
}

async function quote(context: RunContext, request: string): Promise<QuoteOutput> {
  const { tools } = await context.tools.list(context);
  const search = tools.find((tool) => isCalled(tool, SEARCH));
  if (search === undefined) {
    throw new HostError(
      'no-retrieval',
      `No model is set up, and no retrieval server is there to quote from. Set up a model, or add "retrieval": { "builtin": "retrieval" } under mcpServers.`,
    );
  }
  const args = { query: request, limit: 5, quotes: MAX_QUOTES };
  const answer = await context.tools.call(context, {
    callId: 'search',
    name: search.name,
    arguments: args,
    keepResult: true,
  });
  if (answer.isError) throw new HostError('search-failed', answer.message ?? 'The search failed.');
  const quotes = quotesOf(answer.result);
  const text =
    quotes.length === 0
      ? 'Nothing in the indexed documents fits this question.'
      : quotes.map(formatQuote).join('\n\n');
  context.emit({ type: 'quote', origin: 'quote', quotes });
  context.emit({ type: 'text', origin: 'quote', text });
  return { origin: 'quote', text, quotes };
}

/** The sentences in an answer of retrieval's search. */
export function quotesOf(result: JsonObject | undefined): readonly Quote[] {
  const structured = result?.['structuredContent'];
  const quotes = isJsonObject(structured) && Array.isArray(structured['quotes']) ? structured['quotes'] : [];
  return quotes.filter(isJsonObject).map((quote) => ({
    text: jsonText(quote['text']),
    source: jsonText(quote['source']),
    ...(typeof quote['line'] === 'number' ? { line: quote['line'] } : {}),
  }));
}

/** A sentence with its place below it. */
export function formatQuote(quote: Quote): string {
  const place = quote.line === undefined ? quote.source : `${quote.source}:${quote.line}`;
  return `${quote.text}\n  — ${place}`;
}
