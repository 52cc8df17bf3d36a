import type { Json, JsonObject } from '../../json.ts';
import type { CallOutcome } from '../../registry/contract.ts';
import type { ToolCallRequest, ToolCallResult } from '../context.ts';
import type { ToolCallOutcomeType } from '../event.ts';
import { contentPieces } from './content.ts';
import { fitContent, type FitOptions } from './fit-content.ts';
import { fitResult } from './fit-result.ts';
import type { Withheld } from './guard-outcome.ts';

/** Turns what came of a call into what the model and the caller get. Errors come with advice. */
export async function finalize(
  request: ToolCallRequest,
  outcome: CallOutcome | Withheld,
  options: FitOptions,
): Promise<ToolCallResult> {
  const { callId, name } = request;
  switch (outcome.type) {
    case 'complete':
      return {
        callId,
        name,
        outcome: 'complete',
        isError: false,
        ...(request.forClient
          ? await forClient(outcome.result, options)
          : { ...(await fitted(outcome.result, options)), result: outcome.result }),
      };
    case 'tool-error':
      if (request.forClient) return refusalForClient(request, outcome, options);
      return {
        callId,
        name,
        outcome: 'tool-error',
        isError: true,
        ...(hasContent(outcome.result)
          ? await fitted(outcome.result, options)
          : { content: [{ type: 'text', text: outcome.message }] }),
        message: outcome.message,
        ...(outcome.code === 'server-unavailable' ? { notSent: true as const } : {}),
        ...(outcome.result ? { result: outcome.result } : {}),
      };
    case 'uncertain': {
      const sentAt = new Date(outcome.sentAtMs).toISOString();
      const message = `Outcome unknown: ${name} was sent at ${sentAt} and no answer was recorded (${outcome.message}). Check before repeating it.`;
      return failed(request, 'uncertain', message);
    }
    case 'input-required':
      return failed(
        request,
        'tool-error',
        `${name} asked for input that nobody here can give. Try without it, or ask the person.`,
      );
    case 'withheld':
      return failed(request, 'denied', outcome.message);
    default:
      return outcome satisfies never;
  }
}

export function failed(
  request: ToolCallRequest,
  outcome: ToolCallOutcomeType,
  message: string,
): ToolCallResult {
  const { callId, name } = request;
  return {
    callId,
    name,
    outcome,
    isError: true,
    content: [{ type: 'text', text: message, byHost: true }],
    message,
  };
}

async function forClient(
  whole: JsonObject,
  options: FitOptions,
): Promise<Pick<ToolCallResult, 'content' | 'stored' | 'result'>> {
  const { result, stored } = await fitResult(whole, options);
  return { content: [], ...(stored.length > 0 ? { stored } : {}), result };
}

/** What the server says of its own failure stands; an error of the protocol is told apart from it. */
async function refusalForClient(
  request: ToolCallRequest,
  { code, message, result }: Extract<CallOutcome, { type: 'tool-error' }>,
  options: FitOptions,
): Promise<ToolCallResult> {
  const refused = failed(request, 'tool-error', message);
  if (/^-?\d+$/.test(code)) {
    const protocolError = { code: Number(code), ...(result === undefined ? {} : { data: result }) };
    return { ...refused, protocolError };
  }
  if (!hasContent(result)) return refused;
  if (result['isError'] === true) return { ...refused, ...(await forClient(result, options)) };
  // Structured content that breaks its promise is not passed on as if it kept it.
  const { structuredContent: _, ...rest } = result;
  const told = { ...rest, isError: true, content: [{ type: 'text', text: message }, ...blocksOf(result)] };
  return { ...refused, ...(await forClient(told, options)) };
}

function blocksOf({ content }: JsonObject): readonly Json[] {
  return Array.isArray(content) ? content : [];
}

async function fitted(
  result: JsonObject,
  options: FitOptions,
): Promise<Pick<ToolCallResult, 'content' | 'stored'>> {
  const { parts, stored } = await fitContent(contentPieces(result), options);
  return { content: parts, ...(stored.length > 0 ? { stored } : {}) };
}

function hasContent(result: JsonObject | undefined): result is JsonObject {
  return result !== undefined && Array.isArray(result['content']) && result['content'].length > 0;
}
