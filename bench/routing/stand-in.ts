/** What answers a router that asks a model: a stand-in that only counts, or a small local model under a grammar. */
import type { ModelResult } from '../../src/host/context.ts';
import { requestTokens } from '../../src/host/agent/expected-cost.ts';
import type { LocalEngines } from '../../src/host/model/local-engine.ts';
import { localCandidate } from '../../src/host/model/local-candidate.ts';
import type { ModelRequest, Usage } from '../../src/host/model/model.ts';
import { estimateTokens } from '../../src/host/model/token-estimate.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/json.ts';

type Answer = (request: ModelRequest) => Promise<ModelResult>;

/** A choice as a model writes it; its words are as long as those that byModel asks for. */
const TYPICAL_ANSWER = {
  route: 'documents',
  confidence: 0.9,
  reason: 'It asks to read a document at an address.',
};

/** Tokens of one request and its answer, as they are estimated before a call. */
export function countingModel(): { readonly answer: Answer; readonly asked: () => readonly Usage[] } {
  const asked: Usage[] = [];
  return {
    async answer(request) {
      asked.push({
        inputTokens: requestTokens(request),
        outputTokens: estimateTokens(JSON.stringify(TYPICAL_ANSWER)),
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
      });
      return answered(TYPICAL_ANSWER);
    },
    asked: () => asked,
  };
}

/** The pulled model of the home folder, which names a route and no more: what so small a model says of its reasons is no use. */
export function localChooser(home: string, engines: LocalEngines): Answer {
  const model = localCandidate({ model: 'local/1.5b' }, { homeFolder: home, engines });
  return async (request) => {
    const { properties } = request.tools[0]?.inputSchema ?? {};
    const route = isJsonObject(properties) ? properties['route'] : undefined;
    if (route === undefined) throw new Error('the router asks for no route');
    const { tools: _, toolChoice: __, ...words } = request;
    const outputSchema = { type: 'object', properties: { route }, required: ['route'] };
    const asked = { ...words, tools: [], outputSchema, maxOutputTokens: 60 };
    for await (const event of model.stream(asked, { signal: new AbortController().signal })) {
      if (event.type === 'error') throw new Error(event.failure.message);
      if (event.type !== 'message-end') continue;
      const text = event.message.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
      const value = JSON.parse(text) as Json;
      if (!isJsonObject(value)) throw new Error(`no choice: ${text}`);
      return answered({ ...value, confidence: 1, reason: '' });
    }
    throw new Error('the local model said nothing');
  };
}

function answered(choice: JsonObject): ModelResult {
  return {
    type: 'message',
    message: {
      role: 'assistant',
      content: [{ type: 'tool-call', callId: 'choice', name: 'answer', arguments: choice }],
    },
    stopReason: 'tool-calls',
    usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
    model: 'bench/chooser',
  };
}
