/**
 * What a small local model can be trusted with: one read-only tool a question, chosen under a grammar, and an answer that
 * only points at what the tool said. It invents nothing because nothing that it makes up is shown.
 */
import { isCalled } from '../../by-name.ts';
import type { Json, JsonObject } from '../../json.ts';
import { isJsonObject, jsonText } from '../../json.ts';
import type { RunContext, ToolCallResult } from '../context.ts';
import type { RegisteredWorkflow } from '../engine/engine.ts';
import type { Quote } from '../event.ts';
import { guardedRequest } from '../guard/input-step.ts';
import { guardedAnswer } from '../guard/output-step.ts';
import type { Guards } from '../guard/verdict.ts';
import type { RecallLimits } from '../memory/recall.ts';
import type { AssistantMessage, ModelMessage } from '../model/model.ts';
import type { SessionLog } from '../session/contract.ts';
import { openConversation } from '../session/conversation.ts';
import { modelFacts } from '../agent/model-facts.ts';
import { type AgentOutput, toldOf } from './agent.ts';
import { formatQuote, quotesOf, SEARCH } from './quote.ts';
import { type ChosenCall, chooseCall } from './single-tool/choose-call.ts';
import { type Candidate, findSentence } from './single-tool/find-sentence.ts';
import { cannedReply } from './single-tool/gate.ts';
import { isGrounded } from './single-tool/grounded.ts';
import { offeredTools } from './single-tool/offer.ts';
import { ModelTurns } from './single-tool/turns.ts';

export type SingleToolInput = {
  readonly request: string;
  /** An alias or `provider/model`; its limits say `toolUse: 'single'`. */
  readonly model: string;
  /** Of a caller that keeps the conversation itself; it is not read. */
  readonly history?: readonly ModelMessage[];
  /** Present where what is said is remembered; nothing is recalled for a small model. */
  readonly recall?: RecallLimits;
  /** How many attachments came with the request: they are not read. */
  readonly attachments: number;
};

const SMALL_MODEL_BANNER =
  'Small local model: one tool per question, answers only restate the result. Check the source below.';

const ATTACHMENTS_LEFT_OUT = {
  type: 'notice',
  level: 'warn',
  code: 'attachments-left-out',
  message: 'A small local model reads no attachments; it looks for an answer with one tool.',
} as const;

/** How many sentences the model reads, and how many of them are shown when none holds the answer. */
const CANDIDATES = 8;
const SHOWN_CANDIDATES = 3;
/** About 1,500 tokens: what a small model reads of a result. */
const READ_CHARACTERS = 6_000;
/** What of a result is shown below its restatement. */
const SHOWN_CHARACTERS = 3_000;

export function singleToolWorkflow(
  guards: Guards,
  sessions: SessionLog,
): RegisteredWorkflow<SingleToolInput & Json, AgentOutput & Json> {
  return {
    name: 'single-tool',
    told: toldOf,
    run: async (context, input) => {
      const request = await guardedRequest(context, guards, input.request);
      if (input.attachments > 0) context.emit(ATTACHMENTS_LEFT_OUT);
      const conversation = await openConversation(context, sessions, input.history);
      const asked: ModelMessage = { role: 'user', content: [{ type: 'text', text: request }] };
      await conversation.keep(asked);
      const { id: model } = await modelFacts(context, input.model);
      const answer =
        cannedReply(request) ?? (await lookUp(context, request, { alias: input.model, id: model }));
      const answered = await guardedAnswer(context, guards, {
        role: 'assistant',
        content: [{ type: 'text', text: answer }],
      });
      await conversation.keep(answered);
      const text = `${SMALL_MODEL_BANNER}\n\n${said(answered)}`;
      context.emit({ type: 'text', origin: 'local', text });
      return { origin: 'model', text, model, messages: [asked, answered] } satisfies AgentOutput & JsonObject;
    },
  };
}

type LookUpModel = { readonly alias: string; readonly id: string };

async function lookUp(context: RunContext, request: string, model: LookUpModel): Promise<string> {
  const { tools } = await context.tools.list(context);
  const searchName = tools.find((tool) => isCalled(tool, SEARCH))?.name ?? SEARCH;
  const offered = offeredTools(request, tools, searchName);
  const turns = new ModelTurns(context, model, offered.length);
  const search = offered.find((tool) => tool.name === searchName);
  const chosen =
    search !== undefined && offered.length === 1
      ? { name: searchName, arguments: {} }
      : await chooseCall(request, offered, (...prompt) => turns.json(...prompt));
  if (chosen === undefined && search === undefined)
    return 'None of the reading tools that are connected fits this question.';
  const call = chosen === undefined || chosen.name === searchName ? searchFor(request, searchName) : chosen;
  const result = await context.tools.call(context, { callId: 'call', ...call, keepResult: true });
  if (result.isError) return `${call.name} failed: ${result.message ?? textOf(result)}`;
  return call.name === searchName
    ? answerFromPassages(request, result, turns)
    : restate(request, call, textOf(result), turns);
}

/** The question itself: a small model's query only drops words from it. */
function searchFor(request: string, name: string): ChosenCall {
  return { name, arguments: { query: request, limit: CANDIDATES, quotes: CANDIDATES } };
}

async function answerFromPassages(
  request: string,
  result: ToolCallResult,
  turns: ModelTurns,
): Promise<string> {
  const quotes = quotesOf(result.result);
  if (quotes.length === 0) return 'Nothing in the indexed documents fits this question.';
  const candidates = withHeadings(quotes, result.result);
  const found = await findSentence(request, candidates, (...prompt) => turns.json(...prompt));
  if (found !== undefined) return formatQuote(found);
  const nearest = quotes.slice(0, SHOWN_CANDIDATES).map(formatQuote).join('\n\n');
  return `The passages that were found do not hold the answer. The nearest ones:\n\n${nearest}`;
}

/** Each sentence with the headings of the passage that it stands in. */
function withHeadings(quotes: readonly Quote[], result: JsonObject | undefined): readonly Candidate[] {
  const structured = result?.['structuredContent'];
  const found = isJsonObject(structured) ? structured['passages'] : undefined;
  const passages = Array.isArray(found) ? found.filter(isJsonObject) : [];
  return quotes.map((quote) => {
    const passage = passages.find(
      ({ source, startLine, endLine }) =>
        source === quote.source &&
        Number(startLine) <= (quote.line ?? 0) &&
        (quote.line ?? 0) <= Number(endLine),
    );
    const headings = Array.isArray(passage?.['headings']) ? passage['headings'].map(jsonText) : [];
    return { quote, headings };
  });
}

const RESTATE =
  "You answer a user's question from a tool result. State the fact from the result in one short sentence. Do not add anything that is not in the result.";

async function restate(
  request: string,
  { name, arguments: args }: ChosenCall,
  result: string,
  turns: ModelTurns,
): Promise<string> {
  const source = `${name} ${JSON.stringify(args)}`;
  if (result.trim() === '') return `${source} answered with nothing.`;
  const read = result.slice(0, READ_CHARACTERS);
  const draft = await turns.text(RESTATE, `Question: ${request}\nResult of ${name}:\n${read}\n\nAnswer:`);
  const answer = draft.trim();
  const shown = `${source} said:\n${cut(result)}`;
  return answer !== '' && isGrounded(answer, read, request) ? `${answer}\n\n${shown}` : shown;
}

function said({ content }: AssistantMessage): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function cut(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return text.trimEnd();
  return `${text.slice(0, SHOWN_CHARACTERS).trimEnd()}\n[${text.length - SHOWN_CHARACTERS} more characters]`;
}

function textOf({ content }: ToolCallResult): string {
  return content.map((part) => (part.type === 'text' ? part.text : `[${part.mimeType}]`)).join('\n');
}
