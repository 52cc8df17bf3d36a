/** What a choice between models is made by: of a request, and of what stands around it. */
import type { InputPart, ModelMessage, ModelRequest } from '../model.ts';

export type RouteFacts = {
  /** The person's own words that are to be answered. */
  readonly text: string;
  /** Those that were answered before, the latest last. */
  readonly before: readonly string[];
  /** The fewest tools that the request carries. */
  readonly minTools: number;
  /** The tools at hand, offered or to be found. */
  readonly toolCount: number;
  /** An estimate of the whole request. */
  readonly inputTokens: number;
  /** Of these, the conversation before `text`. */
  readonly historyTokens: number;
  readonly images: boolean;
  readonly audio: boolean;
  /** The answer is to be decoded by a grammar. */
  readonly outputSchema: boolean;
  /** The run has a money limit: what costs nobody knows how much may not answer. */
  readonly moneyLimit: boolean;
};

/** What a request does not say itself. */
export interface RouteSurroundings {
  /** Where it is not just what the request carries: some tools may wait to be found. */
  readonly toolCount?: number;
  readonly minTools?: number;
  readonly moneyLimit?: boolean;
  /** In place of the estimate: what is known to be too much. */
  readonly inputTokens?: number;
}

export interface RequestTokens {
  readonly inputTokens: number;
  readonly historyTokens: number;
}

export function routeFacts(
  { messages, tools, outputSchema }: ModelRequest,
  { inputTokens: estimated, historyTokens }: RequestTokens,
  {
    toolCount = tools.length,
    minTools = tools.length,
    moneyLimit = false,
    inputTokens = estimated,
  }: RouteSurroundings = {},
): RouteFacts {
  const parts = messages.flatMap(inputParts);
  const requests = messages.flatMap(ownWords);
  return {
    text: requests.at(-1) ?? '',
    before: requests.slice(0, -1),
    minTools,
    toolCount,
    inputTokens,
    historyTokens,
    images: parts.some(({ type }) => type === 'image'),
    audio: parts.some(({ type }) => type === 'audio'),
    outputSchema: outputSchema !== undefined,
    moneyLimit,
  };
}

/** What a person wrote in a message, without what the host put beside it. */
function ownWords(message: ModelMessage): readonly string[] {
  if (message.role !== 'user') return [];
  const texts = message.content.flatMap((part) =>
    part.type === 'text' && part.origin === undefined && part.byHost !== true ? [part.text] : [],
  );
  return texts.length === 0 ? [] : [texts.join('\n')];
}

function inputParts(message: ModelMessage): readonly InputPart[] {
  switch (message.role) {
    case 'user':
      return message.content;
    case 'tool':
      return message.results.flatMap(({ content }) => content);
    case 'assistant':
      return [];
    default:
      return message satisfies never;
  }
}
