import type { JsonObject } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import type { CallOutcome, Registry } from '../../registry/contract.ts';
import type { RunContext, ToolCallResult } from '../context.ts';
import type { Guards } from '../guard/verdict.ts';
import { ALL_MEDIA } from '../model/media.ts';
import type { ResultStore } from '../result/contract.ts';
import { sizeOf } from './execute.ts';
import { finalize } from './finalize.ts';
import { guardOutcome } from './guard-outcome.ts';
import { createResultKeeper } from './keep-result.ts';
import { accessOf, tellEnd } from './tool-call.ts';

export interface ReadResourceOptions {
  readonly registry: Pick<Registry, 'catalog' | 'read'>;
  readonly guards: Guards;
  readonly results: ResultStore;
  readonly maxResultTokens: () => number;
}

/** Never rejects for an expected failure. Must be given a context whose path has no open step. */
export type ReadResource = (context: RunContext, callId: string, uri: string) => Promise<ToolCallResult>;

/** Reads a resource that a person chose, guarded, kept and shown as the answer of a tool is. */
export function createReadResource(options: ReadResourceOptions): ReadResource {
  const { registry, guards, results, maxResultTokens } = options;
  return async (context, callId, uri) => {
    const request = { callId, name: 'resources/read' };
    const server = registry.catalog().resources.find((entry) => entry.uri === uri)?.server ?? '';
    context.emit({ type: 'tool-call-start', ...request, server, arguments: { uri } });
    const finished = await context.step('read', async (step) => {
      const started = performance.now();
      const outcome = asToolOutcome(await registry.read(uri, { signal: step.signal }));
      const guarded = await guardOutcome(outcome, { ...request, server }, guards, step);
      const keeper = createResultKeeper(results, request, accessOf(context), step);
      const { result: _, ...result } = await finalize(request, guarded, {
        maxTokens: maxResultTokens(),
        accepts: ALL_MEDIA,
        keep: keeper.keep,
      });
      return {
        type: 'finished' as const,
        result,
        durationMs: performance.now() - started,
        sizeBytes: sizeOf(result),
        storedBytes: keeper.sizeBytes(),
        sampled: [],
      };
    });
    tellEnd(context, server, finished);
    return finished.result;
  };
}

/** The contents of a resource as the blocks of a tool's answer (spec: server/tools, "Embedded Resources"). */
function asToolOutcome(outcome: CallOutcome): CallOutcome {
  if (outcome.type !== 'complete') return outcome;
  const { contents } = outcome.result;
  const resources: readonly JsonObject[] = Array.isArray(contents) ? contents.filter(isJsonObject) : [];
  return {
    type: 'complete',
    result: { content: resources.map((resource) => ({ type: 'resource', resource })) },
  };
}
