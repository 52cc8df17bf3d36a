/** Which tool a question is for: decoded by a grammar, and believed only where the arguments are copied from the question. */
import { estimateTokenCount } from 'tokenx';

import type { JsonObject } from '../../../json.ts';
import { isJsonObject, jsonText } from '../../../json.ts';
import type { ToolSummary } from '../../context.ts';
import { callSchema, smallSchema } from './small-schema.ts';

export interface SmallTool {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonObject;
}

export interface ChosenCall {
  readonly name: string;
  readonly arguments: JsonObject;
}

/** Asks the model once; the answer is what the schema allows, or nothing where it was cut off. */
export type AskModel = (system: string, user: string, schema: JsonObject) => Promise<JsonObject | undefined>;

export const MAX_DECODES = 3;
/** The share of the arguments' words that must stand in the question. */
const LEAST_COVERAGE = 0.5;
/** Beyond this the definitions crowd out the question, and reading them takes half a minute. */
const MOST_DEFINITION_TOKENS = 2_000;
const LONGEST_DESCRIPTION = 300;

/** The tools that a small model may be offered: read-only by a trusted annotation, and simple. */
export function smallTools(tools: readonly ToolSummary[]): {
  readonly offered: readonly SmallTool[];
  readonly leftOut: readonly string[];
} {
  const offered: SmallTool[] = [];
  const leftOut: string[] = [];
  let tokens = 0;
  for (const tool of tools.filter(({ readOnly }) => readOnly)) {
    const schema = smallSchema(tool.inputSchema);
    const small = schema && { name: tool.name, description: firstSentences(tool.description), schema };
    const size = small ? estimateTokenCount(definition(small)) : 0;
    if (small && tokens + size <= MOST_DEFINITION_TOKENS) {
      tokens += size;
      offered.push(small);
    } else leftOut.push(tool.name);
  }
  return { offered, leftOut };
}

/** Undefined where nothing that the model proposed is a copy of the question. */
export async function chooseCall(
  request: string,
  tools: readonly SmallTool[],
  ask: AskModel,
): Promise<ChosenCall | undefined> {
  // The prompt keeps all tools, so that its beginning stays evaluated; the grammar leaves out what was tried.
  const system = callPrompt(tools);
  let left = tools.filter((tool) => !needsUrl(tool) || /https?:\/\//i.test(request));
  for (let decode = 1; decode <= MAX_DECODES && left.length > 0; decode += 1) {
    const answer = await ask(system, request, callSchema(left));
    const call = callOf(answer);
    if (call === undefined) return undefined;
    if (coverage(call.arguments, request) >= LEAST_COVERAGE) return call;
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

function firstSentences(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  if (flat.length <= LONGEST_DESCRIPTION) return flat;
  const cut = flat.slice(0, LONGEST_DESCRIPTION);
  const end = cut.lastIndexOf('. ');
  return end > 0 ? cut.slice(0, end + 1) : cut;
}

function needsUrl({ schema }: SmallTool): boolean {
  return isJsonObject(schema['properties']) && 'url' in schema['properties'];
}

function callOf(answer: JsonObject | undefined): ChosenCall | undefined {
  if (answer === undefined || typeof answer['name'] !== 'string') return undefined;
  return { name: answer['name'], arguments: isJsonObject(answer['arguments']) ? answer['arguments'] : {} };
}

/** 1 for a call without arguments: there is nothing in it that could be made up. */
function coverage(args: JsonObject, request: string): number {
  const wanted = Object.values(args).flatMap((value) => wordsOf(jsonText(value)));
  if (wanted.length === 0) return 1;
  const known = new Set(wordsOf(request));
  return wanted.filter((word) => known.has(word)).length / wanted.length;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}.]+/gu) ?? [];
}
