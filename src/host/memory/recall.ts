/** Before a model sees a request: what memory holds on it, over MCP, within a budget of tokens and of time. */
import type { RunContext, ToolCallResult } from '../context.ts';
import type { ModelMessage, TextPart } from '../model/model.ts';
import type { MemoryServer } from './memory-server.ts';
import { memoriesOf, memoryEvent, memoryLine } from './recalled.ts';

export type RecallLimits = {
  /** What the memories may cost together, estimated. */
  readonly recallTokens: number;
  /** How long a memory server that runs may take, and how long one that has to start first. */
  readonly recallTimeoutMs: number;
  readonly startTimeoutMs: number;
};

export type RecallRequest = {
  readonly request: string;
  /** What was recalled for earlier requests of the conversation is not said again. */
  readonly history: readonly ModelMessage[];
  readonly limits: RecallLimits;
};

/** A model embeds no more of a text than this; the head and the end of a long request tell what it is about. */
const MAX_QUERY_CHARACTERS = 1_200;
const MOST_MEMORIES = 20;
/** The share of the time after which words must do without meaning, so that an answer still comes in time. */
const EMBEDDING_SHARE = 0.6;

/** Who allows the host's own calls of memory: a rule of the config that denies them still does. */
export const MEMORY_SETTING = 'memory';

/** Tells what was recalled from what a person attached. */
const MEMORY_ORIGIN = 'memory';

/** What goes before the request, or undefined where memory holds nothing on it or cannot be reached; never rejects for that. */
export async function recall(
  context: RunContext,
  memory: MemoryServer,
  { request, history, limits }: RecallRequest,
): Promise<TextPart | undefined> {
  const branch = context.branch('recall');
  const place = await branch.step('memory-server', (step) => findServer(memory, limits, step.signal));
  if (place.type === 'absent') return undefined;
  if (place.type === 'unknown') {
    unavailable(branch, `Memory did not answer within ${limits.startTimeoutMs} ms.`);
    return undefined;
  }
  const { sessionId } = context.run;
  const answer = await context.tools.call(branch, {
    callId: 'recall',
    name: place.tool,
    arguments: {
      query: queryOf(request),
      limit: MOST_MEMORIES,
      budgetTokens: limits.recallTokens,
      embedWithinMs: Math.floor(place.withinMs * EMBEDDING_SHARE),
      ...(sessionId === undefined ? {} : { exceptSessionId: sessionId }),
    },
    withinMs: place.withinMs,
    approvedBy: MEMORY_SETTING,
    keepResult: true,
  });
  if (answer.isError) {
    unavailable(branch, problemOf(answer, place.withinMs));
    return undefined;
  }
  const known = recalledTexts(history);
  const memories = memoriesOf(answer.result?.['structuredContent']).filter(
    (one) => !known.includes(memoryLine(one)),
  );
  branch.emit(memoryEvent(memories));
  if (memories.length === 0) return undefined;
  return { type: 'text', text: memories.map(memoryLine).join('\n'), origin: MEMORY_ORIGIN };
}

type Place =
  | { readonly type: 'absent' }
  /** Nothing is known of its tools: it never answered. */
  | { readonly type: 'unknown' }
  | { readonly type: 'found'; readonly tool: string; readonly withinMs: number };

async function findServer(
  memory: MemoryServer,
  { recallTimeoutMs, startTimeoutMs }: RecallLimits,
  signal: AbortSignal,
): Promise<Place> {
  if (!memory.configured) return { type: 'absent' };
  const startedMs = performance.now();
  if (memory.tool('recall') === undefined)
    await memory.ready(AbortSignal.any([signal, AbortSignal.timeout(startTimeoutMs)]));
  const tool = memory.tool('recall');
  if (tool === undefined) return { type: 'unknown' };
  const leftMs = Math.max(1, Math.floor(startTimeoutMs - (performance.now() - startedMs)));
  return { type: 'found', tool, withinMs: memory.started ? recallTimeoutMs : leftMs };
}

function unavailable(context: RunContext, why: string): void {
  const message = `Nothing was recalled. ${why}`;
  context.emit({ type: 'notice', level: 'warn', code: 'memory-unavailable', message });
}

function problemOf(
  { outcome, message = 'The memory server failed.' }: ToolCallResult,
  withinMs: number,
): string {
  return outcome === 'uncertain' || outcome === 'cancelled'
    ? `Memory did not answer within ${withinMs} ms.`
    : message;
}

function queryOf(request: string): string {
  if (request.length <= MAX_QUERY_CHARACTERS) return request;
  const half = MAX_QUERY_CHARACTERS / 2;
  return `${request.slice(0, half)}\n${request.slice(-half)}`;
}

function recalledTexts(history: readonly ModelMessage[]): string {
  return history
    .flatMap((message) => (message.role === 'user' ? message.content : []))
    .flatMap((part) => (part.type === 'text' && part.origin === MEMORY_ORIGIN ? [part.text] : []))
    .join('\n');
}
