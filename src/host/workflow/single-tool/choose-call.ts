/** Which tool a question is for: decoded by a grammar, and believed only where the arguments are copied from the question. */
import type { Json, JsonObject } from '../../../json.ts';
import { isJsonObject, jsonText } from '../../../json.ts';
import type { SmallTool } from './offer.ts';
import { callSchema } from './small-schema.ts';

export interface ChosenCall {
  readonly name: string;
  readonly arguments: JsonObject;
}

/** Asks the model once; the answer is what the schema allows, or nothing where it was cut off. */
export type AskModel = (system: string, user: string, schema: JsonObject) => Promise<JsonObject | undefined>;

const MAX_DECODES = 3;
/** The share of the arguments' words that must stand in the question. */
const LEAST_COVERAGE = 0.5;
/** Undefined where nothing that the model proposed is a copy of the question. */
export async function chooseCall(
  request: string,
  tools: readonly SmallTool[],
  ask: AskModel,
): Promise<ChosenCall | undefined> {
  // The prompt keeps all tools, so that its beginning stays evaluated; the grammar leaves out what was tried.
  const system = callPrompt(tools);
  let left = tools;
  for (let decode = 1; decode <= MAX_DECODES && left.length > 0; decode += 1) {
    const answer = await ask(system, request, callSchema(left));
    const call = callOf(answer);
    if (call === undefined) return undefined;
    if (coverage(Object.values(call.arguments), request) >= LEAST_COVERAGE) return call;
    left = left.filter((tool) => tool.name !== call.name);
  }
  return undefined;
}

/** The prompt that Qwen2.5 was trained with. */
function callPrompt(tools: readonly SmallTool[]): string {
  return `You are Qwen, created by Alibaba Cloud. You are a helpful assistant.

# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
${tools.map(definition).join('\n')}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>`;
}

function definition({ name, description, schema }: SmallTool): string {
  return JSON.stringify({ type: 'function', function: { name, description, parameters: schema } });
}

function callOf(answer: JsonObject | undefined): ChosenCall | undefined {
  if (answer === undefined || typeof answer['name'] !== 'string') return undefined;
  return { name: answer['name'], arguments: isJsonObject(answer['arguments']) ? answer['arguments'] : {} };
}

/** The share of the words of the values that stand in the source; 1 where there are none that could be made up. */
export function coverage(values: readonly Json[], source: string): number {
  const wanted = values.flatMap((value) => wordsOf(jsonText(value)));
  if (wanted.length === 0) return 1;
  const known = new Set(wordsOf(source));
  return wanted.filter((word) => known.has(word)).length / wanted.length;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:\.[\p{L}\p{N}]+)*/gu) ?? [];
}
