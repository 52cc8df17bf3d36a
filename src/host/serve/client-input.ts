/** What a client can be asked on behalf of servers, and what its answers may be. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';

/** Whether a client with these capabilities can answer all of the requests (spec: client/elicitation, sampling, roots). */
export function canAnswer(capabilities: JsonObject, requests: JsonObject): boolean {
  return Object.values(requests).every((request) => canAnswerOne(capabilities, request));
}

function canAnswerOne({ elicitation, sampling, roots }: JsonObject, request: Json): boolean {
  if (!isJsonObject(request)) return false;
  const params = isJsonObject(request['params']) ? request['params'] : {};
  switch (request['method']) {
    case 'elicitation/create': {
      if (!isJsonObject(elicitation)) return false;
      if (params['mode'] === 'url') return elicitation['url'] !== undefined;
      // Without modes it is forms, as in the revision that had nothing else.
      return elicitation['form'] !== undefined || elicitation['url'] === undefined;
    }
    case 'sampling/createMessage': {
      const withTools = params['tools'] !== undefined || params['toolChoice'] !== undefined;
      return isJsonObject(sampling) && (!withTools || sampling['tools'] !== undefined);
    }
    case 'roots/list':
      return roots !== undefined;
    default:
      return false;
  }
}
