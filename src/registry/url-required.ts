/**
 * A server of the revision 2025-11-25 may refuse a request until a person has been at a URL (spec 2025-11-25:
 * client/elicitation, "URL Elicitation Required Error"). Clients of the modern era have no such error: they are asked, and the
 * request, of which nothing was done, is sent again.
 */
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { Answer } from './answer.ts';
import type { CallOutcome } from './contract.ts';

const URL_REQUIRED = '-32042';

/** The refusal as questions; undefined where it is none of these. */
export function urlQuestions(answer: Answer): CallOutcome | undefined {
  if (answer.type !== 'refused' || answer.code !== URL_REQUIRED) return undefined;
  const data = isJsonObject(answer.data) ? answer.data : {};
  const { elicitations } = data;
  const asked = Array.isArray(elicitations) ? (elicitations as readonly Json[]).filter(isJsonObject) : [];
  if (asked.length === 0) return undefined;
  const requests = asked.map((elicitation, index): [string, JsonObject] => [
    `url-${index + 1}`,
    { method: 'elicitation/create', params: { ...elicitation, mode: 'url' } },
  ]);
  return { type: 'input-required', inputRequests: Object.fromEntries(requests), result: data };
}

/** Nobody has been there: then the request would be refused again. */
export function urlNotOpened(server: string, responses: Json | undefined): CallOutcome | undefined {
  const answers = isJsonObject(responses) ? Object.values(responses) : [];
  if (answers.every((answer) => isJsonObject(answer) && answer['action'] === 'accept')) return undefined;
  return {
    type: 'tool-error',
    code: 'input-refused',
    message: `'${server}' does this only after a person has opened a URL of it, and nobody has.`,
  };
}
