/** A request as it is compared: without what differs from run to run although the same is asked. */
import { createHash } from 'node:crypto';
import { homedir, tmpdir } from 'node:os';

import type { Json, JsonObject } from '../../../json.ts';
import type { AssistantPart, InputPart, ModelMessage, ModelRequest, ModelTool } from '../model.ts';

export function normalised(request: ModelRequest, normalise: (text: string) => string): JsonObject {
  const { system, messages, tools, toolChoice, maxOutputTokens, temperature, outputSchema } = request;
  const clean = cleaner(normalise);
  const callIds = new Map<string, string>();
  const callId = (id: string): string => {
    const known = callIds.get(id) ?? `call-${callIds.size + 1}`;
    callIds.set(id, known);
    return known;
  };
  const part = (input: InputPart): Json =>
    input.type === 'text'
      ? clean(input.text)
      : `<${input.mimeType}, ${input.base64.length} characters, ${hash(input.base64)}>`;
  const said = (assistant: AssistantPart): Json => {
    if (assistant.type === 'text') return clean(assistant.text);
    if (assistant.type === 'thinking') return { thinking: clean(assistant.text) };
    const { name, invalidArguments } = assistant;
    const args =
      assistant.arguments === undefined
        ? clean(invalidArguments ?? '')
        : cleanJson(assistant.arguments, clean);
    return { call: callId(assistant.callId), name, arguments: args };
  };
  const message = (one: ModelMessage): Json => {
    if (one.role === 'user') return { role: 'user', content: one.content.map(part) };
    if (one.role === 'assistant') return { role: 'assistant', content: one.content.map(said) };
    return {
      role: 'tool',
      results: one.results.map((result) => ({
        call: callId(result.callId),
        name: result.name,
        ...(result.isError ? { isError: true } : {}),
        content: result.content.map(part),
      })),
    };
  };
  return {
    ...(system === undefined ? {} : { system: clean(system) }),
    messages: messages.map(message),
    tools: tools.map((tool) => toolText(tool, clean)),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
  };
}

/** A definition is long: its hash tells that it changed. */
function toolText({ name, description, inputSchema }: ModelTool, clean: (text: string) => string): Json {
  return { name, definition: hash(JSON.stringify([clean(description), cleanJson(inputSchema, clean)])) };
}

function cleanJson(value: Json, clean: (text: string) => string): Json {
  return JSON.parse(JSON.stringify(value), (_key, item: Json) =>
    typeof item === 'string' ? clean(item) : item,
  ) as Json;
}

function cleaner(normalise: (text: string) => string): (text: string) => string {
  const folders: readonly (readonly [RegExp, string])[] = [
    [new RegExp(`${escaped(tmpdir())}[/\\\\][^/\\\\\\s"'\`)<>]+`, 'g'), '<temporary folder>'],
    [new RegExp(escaped(process.cwd()), 'g'), '<working folder>'],
    [new RegExp(escaped(homedir()), 'g'), '<home folder>'],
  ];
  const changes = [...folders, ...VARYING];
  return (text) => {
    let clean = normalise(text);
    for (const [pattern, name] of changes) clean = clean.replaceAll(pattern, name);
    return clean;
  };
}

const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b/g, '<date>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\bswitchyard:\/\/results\/[0-9a-f]{32}/g, 'switchyard://results/<id>'],
  [/(?<=<\/?untrusted-)[0-9a-f]{12}\b/g, 'mark'],
  [/(?<=\b(?:127\.0\.0\.1|localhost|\[::1\]):)\d{2,5}\b/g, '<port>'],
];

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
