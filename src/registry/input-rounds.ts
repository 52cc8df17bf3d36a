/** Multi-round-trip requests (spec: basic/patterns/mrtr): asks for the input a server wants and sends its request again with it. */
import { messageOf } from '../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { CallOutcome, InputHandler, InputRequest } from './contract.ts';

const MAX_ROUNDS = 16;

export interface InputRounds {
  readonly server: string;
  readonly onInput: InputHandler;
  readonly signal: AbortSignal;
  /** Sends the request with the answers; the server has done nothing yet, so this repeats no effect. */
  readonly send: (extra: JsonObject) => Promise<CallOutcome>;
}

export async function answerInputRounds(first: CallOutcome, rounds: InputRounds): Promise<CallOutcome> {
  let outcome = first;
  for (let round = 0; outcome.type === 'input-required'; round += 1) {
    if (round === MAX_ROUNDS) {
      return {
        type: 'tool-error',
        code: 'too-many-input-rounds',
        message: `'${rounds.server}' asked for input ${MAX_ROUNDS} times for one call; it was given up.`,
        result: outcome.result,
      };
    }
    const { inputRequests, requestState } = outcome;
    let inputResponses: JsonObject;
    try {
      inputResponses = await answerAll(inputRequests, rounds);
    } catch (error) {
      const message = `'${rounds.server}' asked for input that could not be given: ${messageOf(error)}`;
      return { type: 'tool-error', code: 'input-refused', message, result: outcome.result };
    }
    outcome = await rounds.send({
      ...(Object.keys(inputResponses).length > 0 && { inputResponses }),
      ...(requestState !== undefined && { requestState }),
    });
  }
  return outcome;
}

async function answerAll(inputRequests: JsonObject, rounds: InputRounds): Promise<JsonObject> {
  const responses: Record<string, Json> = {};
  for (const [key, request] of Object.entries(inputRequests)) {
    if (!isJsonObject(request)) throw new Error(`the request '${key}' is no object`);
    const { method, params } = request;
    if (!isInputMethod(method)) throw new Error(`the method ${JSON.stringify(method)} is unknown`);
    responses[key] = await rounds.onInput({
      server: rounds.server,
      method,
      params: isJsonObject(params) ? params : {},
      signal: rounds.signal,
    });
  }
  return responses;
}

function isInputMethod(method: Json | undefined): method is InputRequest['method'] {
  return method === 'elicitation/create' || method === 'sampling/createMessage' || method === 'roots/list';
}
