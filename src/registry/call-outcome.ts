/** Turns what became of a request into the outcome that the host sees. */
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { Answer } from './answer.ts';
import type { CallOutcome } from './contract.ts';

export function outcomeOf(server: string, answer: Answer): CallOutcome {
  switch (answer.type) {
    case 'result':
      return outcomeOfResult(server, answer.result);
    case 'refused':
      return {
        type: 'tool-error',
        code: answer.code,
        message: `'${server}': ${answer.message}`,
        ...(isJsonObject(answer.data) && { result: answer.data }),
      };
    case 'lost':
      return {
        type: 'uncertain',
        cause: answer.cause,
        message: `'${server}': ${answer.message} Whether the call took effect is unknown.`,
        sentAtMs: answer.sentAtMs,
      };
    default:
      return answer satisfies never;
  }
}

function outcomeOfResult(server: string, result: JsonObject): CallOutcome {
  if (result['resultType'] === 'input_required') {
    const { inputRequests, requestState } = result;
    return {
      type: 'input-required',
      inputRequests: isJsonObject(inputRequests) ? inputRequests : {},
      ...(typeof requestState === 'string' && { requestState }),
      result,
    };
  }
  if (result['isError'] === true) {
    const message = textOf(result['content']) ?? `'${server}' reported an error without a text.`;
    return { type: 'tool-error', code: 'tool-error', message, result };
  }
  return { type: 'complete', result };
}

function textOf(content: Json | undefined): string | undefined {
  if (!Array.isArray(content)) return undefined;
  const blocks: readonly Json[] = content;
  const texts = blocks.flatMap((block) =>
    isJsonObject(block) && typeof block['text'] === 'string' ? [block['text']] : [],
  );
  return texts.length === 0 ? undefined : texts.join('\n').slice(0, 2_000);
}
