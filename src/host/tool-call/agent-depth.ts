/**
 * How many agents may stand one behind the other, each a tool of a gateway that the one before it calls: two gateways that
 * have each other among their servers would ask each other for ever.
 */
import type { JsonObject } from '../../json.ts';
import type { BudgetLimits, ToolCallRequest } from '../context.ts';

/** In the `_meta` of a call: how many more agents may stand behind whoever is called. */
const KEY = 'switchyard/agents-left';
export const MAX_AGENTS = 3;

/** For an agent that is asked for by a request with this `_meta`; undefined where it is one too many. */
export function depthOf(meta: JsonObject): Required<Pick<BudgetLimits, 'maxAgentsBehind'>> | undefined {
  const left = meta[KEY];
  const allowed = typeof left === 'number' ? Math.min(left, MAX_AGENTS) : MAX_AGENTS;
  return allowed < 1 ? undefined : { maxAgentsBehind: Math.floor(allowed) - 1 };
}

/** A call of a run, with what whoever is called has to know. */
export function withDepth(request: ToolCallRequest, { maxAgentsBehind }: BudgetLimits): ToolCallRequest {
  return maxAgentsBehind === undefined
    ? request
    : { ...request, meta: { ...request.meta, [KEY]: maxAgentsBehind } };
}
