/** The tool calls of one turn. */
import { HostError } from '../../errors.ts';
import { type Json, jsonText } from '../../json.ts';
import type { RunContext, ToolCallRequest, ToolCallResult } from '../context.ts';
import type { ToolCallPart, ToolMessage } from '../model/model.ts';
import { limitReached, reachedLimit } from '../engine/limit.ts';
import { callLocalTool, type LocalCalled, type LocalTool } from './local-tool.ts';
import { foundNames, TOOL_SEARCH, type ToolOffer } from './tool-offer.ts';

export interface CallToolsOptions {
  /** Extended by what was found and used. */
  readonly offer: ToolOffer;
  readonly local: ReadonlyMap<string, LocalTool>;
  /** The catalog has more tools than the model may use. */
  readonly restricted: boolean;
  /** Names of tools whose answer ends the loop. */
  readonly last: ReadonlySet<string>;
  /** What the model takes of one result. */
  readonly limits: Pick<ToolCallRequest, 'accepts' | 'maxResultTokens'>;
  /** Told what came where the run breaks off in between, so that nobody repeats what was done. */
  readonly onBroken?: (results: ToolMessage) => Promise<void>;
}

/** How many read-only calls of one turn run at the same time. */
const MAX_PARALLEL_CALLS = 8;

/** Neighbouring read-only calls run side by side, every other call alone and in its turn; results keep the calls' order. */
export async function callTools(
  context: RunContext,
  calls: readonly ToolCallPart[],
  { offer, local, restricted, last, limits, onBroken }: CallToolsOptions,
): Promise<CalledTools> {
  const results: (ToolCallResult | undefined)[] = calls.map(() => undefined);
  const ends: (LocalCalled['end'] | undefined)[] = [];
  let first = 0;
  try {
    for (const group of groupCalls(calls, offer, local)) {
      const start = first;
      // Of those side by side, what was under way comes to its end: what it did is told.
      const settled = await Promise.allSettled(
        group.map(async (call, index) => {
          const branch = context.branch(`call-${start + index + 1}`);
          const own = local.get(call.name) ?? (restricted ? refusalOf(call.name, offer) : undefined);
          const called: LocalCalled =
            own === undefined
              ? { result: await callTool(branch, call, limits) }
              : await callLocalTool(branch, call, own);
          results[start + index] = called.result;
          ends[start + index] = called.end ?? endOf(called.result, last);
        }),
      );
      for (const one of settled) if (one.status === 'rejected') throw one.reason;
      // In the calls' order, whichever ended first: what is offered next must be the same at a replay.
      group.forEach((call, index) => {
        extendOffer(context, call, results[start + index], offer);
      });
      first += group.length;
    }
  } catch (thrown) {
    if (results.some((result) => result !== undefined)) await onBroken?.(messageOf(results));
    throw withCallsLeft(thrown, results.filter((result) => result === undefined).length, calls.length);
  }
  const end = ends.find((one) => one !== undefined);
  return { message: messageOf(results), ...(end === undefined ? {} : { end }) };
}

/** A limit that is reached in the middle of an answer says how much of it was not done. */
function withCallsLeft(thrown: unknown, left: number, all: number): unknown {
  if (!(thrown instanceof HostError) || thrown.code !== 'limit-reached' || all === 1) return thrown;
  const reached = reachedLimit(thrown);
  if (reached.limit !== 'tool-calls') return thrown;
  return limitReached({
    ...reached,
    message: `${reached.message} Of the ${all} calls of one answer ${left} were not made.`,
  });
}

export interface CalledTools {
  readonly message: ToolMessage;
  /** What the first of the calls said that ends the loop. */
  readonly end?: { readonly value: Json };
}

/** A call that failed ends nothing: the model may mend it. */
function endOf(
  { name, outcome, content }: ToolCallResult,
  last: ReadonlySet<string>,
): { readonly value: Json } | undefined {
  if (!last.has(name) || outcome !== 'complete') return undefined;
  return {
    value: content.map((part) => (part.type === 'text' ? part.text : `[${part.mimeType}]`)).join('\n'),
  };
}

function messageOf(results: readonly (ToolCallResult | undefined)[]): ToolMessage {
  return {
    role: 'tool',
    results: results
      .filter((result) => result !== undefined)
      .map(({ callId, name, isError, content, stored }) => ({
        callId,
        name,
        isError,
        content,
        ...(stored === undefined ? {} : { stored }),
      })),
  };
}

/** What another part of the run may call is as unknown here as what nobody can. */
function refusalOf(name: string, offer: ToolOffer): LocalTool | undefined {
  if (offer.has(name)) return undefined;
  const there = offer.tools.map((tool) => tool.name).join(', ') || 'none';
  return {
    definition: { name, description: '', inputSchema: {} },
    parallel: true,
    call: async () => ({
      type: 'answer',
      text: `There is no tool ${name} here. There are: ${there}.`,
      isError: true,
    }),
  };
}

function groupCalls(
  calls: readonly ToolCallPart[],
  offer: ToolOffer,
  local: CallToolsOptions['local'],
): ToolCallPart[][] {
  const groups: ToolCallPart[][] = [];
  let open = false;
  for (const call of calls) {
    const parallel = local.get(call.name)?.parallel ?? offer.isReadOnly(call.name);
    const last = groups.at(-1);
    if (parallel && open && last && last.length < MAX_PARALLEL_CALLS) last.push(call);
    else groups.push([call]);
    open = parallel;
  }
  return groups;
}

function callTool(
  branch: RunContext,
  call: ToolCallPart,
  limits: CallToolsOptions['limits'],
): Promise<ToolCallResult> {
  const { type: _, ...request } = call;
  return branch.tools.call(branch, {
    ...request,
    keepResult: call.name === TOOL_SEARCH,
    ...limits,
  });
}

function extendOffer(
  context: RunContext,
  call: ToolCallPart,
  result: ToolCallResult | undefined,
  offer: ToolOffer,
): void {
  if (result?.stored) offer.revealResultTools();
  if (call.name === TOOL_SEARCH) {
    const names = offer.reveal(foundNames(result?.result));
    context.emit({ type: 'tools-found', query: jsonText(call.arguments?.['query'] ?? ''), names });
    return;
  }
  // A tool that was called by its right name without having been searched for is part of the conversation now.
  offer.reveal([call.name]);
}
