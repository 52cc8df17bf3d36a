/** An engine over a home folder, as each of several hosts has one; without a registry, models or tools. */
import { createEngine } from '../../src/host/engine/local-engine.ts';
import { DurableJournals } from '../../src/host/engine/durable/durable-journals.ts';
import type { Engine, RegisteredWorkflow } from '../../src/host/engine/engine.ts';
import { openState } from '../../src/host/state.ts';

export type Synchronous = 'normal' | 'full';

export interface OpenedEngine extends AsyncDisposable {
  readonly engine: Engine;
}

export function openEngine(
  home: string,
  workflows: readonly RegisteredWorkflow[],
  { synchronous = 'normal' }: { readonly synchronous?: Synchronous } = {},
): OpenedEngine {
  const state = openState(home, { synchronous });
  const journals = new DurableJournals({
    state: async () => state,
    homeFolder: home,
    configFile: undefined,
    project: home,
    programVersion: 'bench',
  });
  const unreachable = (): never => {
    throw new Error('these workflows use neither models nor tools');
  };
  const tools = { list: unreachable, call: unreachable, keep: unreachable };
  const engine = createEngine({ journals, model: unreachable, tools });
  for (const workflow of workflows) engine.register(workflow);
  return {
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close({ graceMs: 0 });
      journals[Symbol.dispose]();
      state[Symbol.dispose]();
    },
  };
}
