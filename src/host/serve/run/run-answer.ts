/** What a client is told of a run: its answer, or how it stands and what to do. */
import { isJsonObject, type Json, type JsonObject, jsonText } from '../../../json.ts';
import type { OpenApproval, RunView } from '../../client-run/contract.ts';
import type { StoredEvent } from '../../event.ts';
import { achievedText } from '../../achieved-text.ts';
import { nextStep } from './next-step.ts';
import { runUri } from './run-uri.ts';

const QUOTE_NOTE = 'No language model is in reach: these are quotes from indexed documents, not an answer.';
const PARTIAL_NOTE = 'What was achieved so far, which is not the answer:';
/** Of the 2025 era, the first revision that has links in results (spec 2025-06-18: changelog). */
const FIRST_WITH_LINKS = '2025-06-18';
const MAX_TOOLS = 50;

/** The result of a tool call (spec: server/tools, "Tool Result"). A run that ended without an answer is an error. */
export function runResult(
  view: RunView,
  events: readonly StoredEvent[],
  { protocolVersion }: { readonly protocolVersion: string },
): JsonObject {
  const facts = runFacts(view, events);
  const { answer, error, next, partial, goOn } = facts;
  const text =
    typeof answer === 'string'
      ? facts['origin'] === 'quote'
        ? `${QUOTE_NOTE}\n\n${answer}`
        : answer
      : [
          isJsonObject(error) ? error['message'] : undefined,
          next ?? (goOn === undefined ? undefined : `For a person: ${jsonText(goOn)}`),
          partial === undefined ? undefined : `${PARTIAL_NOTE}\n\n${jsonText(partial)}`,
        ]
          .filter((one) => one !== undefined)
          .map(jsonText)
          .join('\n\n');
  const isOpen = next !== undefined && protocolVersion >= FIRST_WITH_LINKS;
  return {
    content: [{ type: 'text', text }, ...(isOpen ? [linkTo(view)] : [])],
    structuredContent: facts,
    ...(error === undefined ? {} : { isError: true }),
  };
}

/** As the tools' output schema has it. */
export function runFacts(view: RunView, events: readonly StoredEvent[]): JsonObject {
  const { id, status, sessionId, output, error, approvals, achieved, goOn } = view;
  const next = nextStep(view);
  const partial = achieved && achievedText(achieved);
  const tools = toolsUsed(events);
  return {
    runId: id,
    status,
    ...(status === 'done' ? answerOf(output) : {}),
    ...(error === undefined ? {} : { error }),
    ...(partial === undefined ? {} : { partial }),
    ...(goOn === undefined ? {} : { goOn }),
    ...(approvals.length === 0 ? {} : { approvals: approvals.map(approvalFacts) }),
    ...(next === undefined ? {} : { next }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(tools.length === 0 ? {} : { toolsUsed: tools }),
    usage: usageOf(view),
  };
}

/** The agent's answer says where it comes from; anything else is what a workflow gave. */
function answerOf(output: Json | undefined): JsonObject {
  if (typeof output === 'string' || output === undefined) return { answer: jsonText(output) };
  if (!isJsonObject(output) || typeof output['origin'] !== 'string')
    return { answer: jsonText(output), output };
  const { text, origin, model, quotes } = output;
  return {
    answer: jsonText(text ?? output),
    origin,
    ...(typeof model === 'string' ? { model } : {}),
    ...(Array.isArray(quotes) ? { quotes } : {}),
  };
}

function approvalFacts({ id, tool, expiresMs }: OpenApproval): JsonObject {
  const command = `switchyard approvals approve ${id}`;
  return { id, tool, command, expiresAt: new Date(expiresMs).toISOString() };
}

function toolsUsed(events: readonly StoredEvent[]): readonly JsonObject[] {
  const calls = new Map<string, number>();
  for (const event of events)
    if (event.type === 'tool-call-end') calls.set(event.name, (calls.get(event.name) ?? 0) + 1);
  return [...calls].slice(0, MAX_TOOLS).map(([name, count]) => ({ name, calls: count }));
}

function usageOf({ totals: { turns, toolCalls, usage, costUsd } }: RunView): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  const tokens = usage.unknown ? {} : { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };
  return { turns, toolCalls, ...tokens, ...(costUsd === undefined ? {} : { costUsd }) };
}

function linkTo({ id, status }: RunView): JsonObject {
  return {
    type: 'resource_link',
    uri: runUri(id),
    name: id,
    title: `The run, ${status}`,
    description: 'What it is doing, has done and has answered.',
    mimeType: 'application/json',
  };
}
