/** Sums up a recorded stream from its raw lines. Independent of the model layer, which it is the measure of. */
export interface RawSum {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly { readonly callId: string; readonly name: string; readonly arguments: unknown }[];
  readonly stopReason: string | null;
  readonly usage: unknown;
}

export function sumAnthropic(file: string): RawSum {
  const all = lines(file);
  const start = all.find((event) => text(event, 'type') === 'message_start');
  const blocks = [
    ...list(start, 'message.content').map((block, index) => ({ index, block })),
    ...all
      .filter((event) => text(event, 'type') === 'content_block_start')
      .map((event) => ({ index: at(event, 'index'), block: at(event, 'content_block') })),
  ];
  const deltas = all.filter((event) => text(event, 'type') === 'content_block_delta');
  const calls = blocks
    .filter(({ block }) => text(block, 'type') === 'tool_use')
    .map(({ index, block }) => {
      const own = deltas.filter((event) => at(event, 'index') === index);
      const json = own.map((event) => text(event, 'delta.partial_json')).join('');
      const args: unknown = json === '' ? at(block, 'input') : JSON.parse(json);
      return { callId: text(block, 'id'), name: text(block, 'name'), arguments: args };
    });
  const usages = [at(start, 'message.usage'), ...all.map((event) => at(event, 'usage'))];
  const last = (path: string) =>
    usages.map((usage) => number(usage, path)).findLast((count) => count !== undefined);
  const reasoningTokens = last('output_tokens_details.thinking_tokens');
  const stops = [at(start, 'message.stop_reason'), ...all.map((event) => at(event, 'delta.stop_reason'))];
  return {
    text: deltas.map((event) => text(event, 'delta.text')).join(''),
    thinking: deltas.map((event) => text(event, 'delta.thinking')).join(''),
    calls,
    stopReason: stops.findLast((reason) => typeof reason === 'string') ?? null,
    usage: {
      inputTokens: last('input_tokens'),
      outputTokens: last('output_tokens'),
      cacheReadTokens: last('cache_read_input_tokens') ?? 0,
      cacheWriteTokens: last('cache_creation_input_tokens') ?? 0,
      ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    },
  };
}

export function sumChat(file: string): RawSum {
  const choices = lines(file).flatMap((chunk) => list(chunk, 'choices'));
  const calls = new Map<unknown, { callId: string; name: string; json: string }>();
  for (const piece of choices.flatMap((choice) => list(choice, 'delta.tool_calls'))) {
    const index = at(piece, 'index');
    const call = calls.get(index) ?? {
      callId: text(piece, 'id'),
      name: text(piece, 'function.name'),
      json: '',
    };
    calls.set(index, { ...call, json: call.json + text(piece, 'function.arguments') });
  }
  return {
    text: choices.map((choice) => text(choice, 'delta.content')).join(''),
    thinking: choices
      .map((choice) => text(choice, 'delta.reasoning_content') + text(choice, 'delta.reasoning'))
      .join(''),
    calls: [...calls.values()].map(({ callId, name, json }) => ({
      callId,
      name,
      arguments: JSON.parse(json) as unknown,
    })),
    stopReason:
      choices.map((choice) => text(choice, 'finish_reason')).findLast((reason) => reason !== '') ?? null,
    usage: chatUsage(lines(file).findLast((chunk) => at(chunk, 'usage.prompt_tokens') !== undefined)),
  };
}

/** Whatever the total has beyond the prompt was generated, whether the provider calls it completion or not. */
function chatUsage(chunk: unknown): object {
  const prompt = number(chunk, 'usage.prompt_tokens');
  const total = number(chunk, 'usage.total_tokens');
  if (prompt === undefined || total === undefined) {
    return { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, unknown: true };
  }
  const cached = number(chunk, 'usage.prompt_tokens_details.cached_tokens') ?? 0;
  const reasoningTokens = number(chunk, 'usage.completion_tokens_details.reasoning_tokens');
  return {
    inputTokens: prompt - cached,
    outputTokens: total - prompt,
    cacheReadTokens: cached,
    cacheWriteTokens: 0,
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
}

function lines(file: string): unknown[] {
  return file
    .split('\n')
    .map((line) => line.replace(/^data: /, '').trim())
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as unknown);
}

function at(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

function text(value: unknown, path: string): string {
  const found = at(value, path);
  return typeof found === 'string' ? found : '';
}

function number(value: unknown, path: string): number | undefined {
  const found = at(value, path);
  return typeof found === 'number' ? found : undefined;
}

function list(value: unknown, path: string): unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}
