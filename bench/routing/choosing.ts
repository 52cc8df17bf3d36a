/** What a router chooses, as a run takes it: in steps of an engine, with the embedder of this checkout. */
import type { ModelHandle, ModelResult } from '../../src/host/context.ts';
import { createEngine } from '../../src/host/engine/local-engine.ts';
import { MemoryJournals } from '../../src/host/engine/memory.ts';
import type { ModelRequest } from '../../src/host/model/model.ts';
import type { RouteChoice, RouteOffer, Router } from '../../src/host/workflow/pattern/route.ts';
import { embedderFolder } from '../../src/config/environment.ts';
import { openEmbedder } from '../../src/embedding/index.ts';
import type { Json } from '../../src/json.ts';
import { median } from '../report.ts';
import type { DomainRequest } from './domains.ts';

export interface Chosen {
  readonly request: DomainRequest;
  readonly choice: RouteChoice;
}

export interface Choosing extends AsyncDisposable {
  /** One after another; `medianMs` leaves the first ten out, in which the embedder gets warm. */
  choose(
    router: Router<Json>,
    routes: Readonly<Record<string, RouteOffer>>,
    requests: readonly DomainRequest[],
  ): Promise<{ readonly chosen: readonly Chosen[]; readonly medianMs: number }>;
}

/** `answer` stands in for the model: what it is asked is real, what it says is not. */
export function openChoosing(
  home: string,
  answer: (request: ModelRequest) => Promise<ModelResult>,
): Choosing {
  const embedder = openEmbedder({ homeFolder: home, folder: embedderFolder(home) });
  const unreachable = (): never => {
    throw new Error('a router calls no tools');
  };
  const model: ModelHandle = { id: 'bench/chooser', limits: { maxTools: 128 }, generate: answer };
  const engine = createEngine({
    journals: new MemoryJournals(),
    model: () => model,
    tools: { list: async () => ({ revision: '', tools: [] }), call: unreachable, keep: unreachable },
    embed: (texts, signal) => embedder.embed(texts, { signal }),
  });
  return {
    async choose(router, routes, requests) {
      const workflow = {
        name: 'choose',
        run: (context: Parameters<typeof router.choose>[0], query: string) =>
          router.choose(context.branch('choose'), query, routes),
      };
      const chosen: Chosen[] = [];
      const times: number[] = [];
      for (const request of requests) {
        const started = performance.now();
        const outcome = await engine.start(workflow, request.query).result;
        times.push(performance.now() - started);
        if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
        chosen.push({ request, choice: outcome.output });
      }
      return { chosen, medianMs: median(times.slice(10)) };
    },
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await embedder[Symbol.asyncDispose]();
    },
  };
}
