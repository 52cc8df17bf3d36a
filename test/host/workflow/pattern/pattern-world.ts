/** A host with one workflow, `main`, and a model whose words follow from what it is asked, so that a resumed run hears the same. */
import type { Json } from '../../../../src/json.ts';
import type { RunOutcome } from '../../../../src/host/engine/engine.ts';
import type { RunEvent, StoredEvent } from '../../../../src/host/event.ts';
import type { Workflows } from '../../../../src/host/workflow/registered.ts';
import { agentTools } from '../../../fixtures/agent-tools.ts';
import type { ModelReply } from '../../../fixtures/model/model-server.ts';
import type { ScriptedRequest, Wire } from '../../../fixtures/model/request.ts';
import { eventsOf, openTestHost, type TestHost, type TestHostOptions } from '../../../fixtures/open-host.ts';

export interface PatternWorld extends TestHost {
  run(
    input: Json,
    budget?: { readonly maxUsd?: number },
  ): Promise<{
    readonly runId: string;
    readonly outcome: RunOutcome;
    readonly events: readonly StoredEvent[];
  }>;
}

/** By the beginning of the system prompt. */
export type Voices = Readonly<
  Record<string, (request: ScriptedRequest) => ModelReply | string | Promise<ModelReply | string>>
>;

export interface PatternOptions extends Pick<TestHostOptions, 'price' | 'maxTurns' | 'embedder' | 'elicit'> {
  readonly wire?: Wire;
  readonly ledger?: string;
}

export async function openPatterns(
  workflow: Workflows[string],
  voices: Voices,
  { wire = 'anthropic', ledger = '', ...options }: PatternOptions = {},
): Promise<PatternWorld> {
  const opened = await openTestHost({
    ...options,
    wire,
    servers: [agentTools(ledger)],
    workflows: { main: workflow },
    maxTurns: options.maxTurns ?? 100,
    async script(request) {
      const voice = Object.entries(voices).find(([start]) => request.system.startsWith(start))?.[1];
      if (voice === undefined) throw new Error(`nobody speaks for: ${request.system.slice(0, 80)}`);
      const reply = await voice(request);
      return typeof reply === 'string' ? { type: 'answer', text: reply } : reply;
    },
  });
  return {
    ...opened,
    async run(input, budget) {
      const handle = await opened.host.run('main', input, budget === undefined ? {} : { budget });
      const events = await eventsOf(handle);
      return {
        runId: handle.id,
        outcome: await handle.result,
        events: events.filter((event): event is StoredEvent => 'number' in event),
      };
    },
  };
}

export function calls(name: string, args: Readonly<Record<string, Json>>): ModelReply {
  return { type: 'answer', toolCalls: [{ name, arguments: args }] };
}

/** Outcomes of a run that ended when it goes on from each of its rows, as after a crash there; its replay is identical. */
export async function resumedOutcomes(
  world: PatternWorld,
  { runId, events }: { readonly runId: string; readonly events: readonly StoredEvent[] },
): Promise<RunOutcome[]> {
  const replay = await world.host.engine.replay(runId);
  if (replay.type !== 'identical') throw new Error(JSON.stringify(replay));
  const outcomes: RunOutcome[] = [];
  for (let atRow = 1; atRow < events.length + replay.steps; atRow += 1)
    outcomes.push(await (await world.host.fork(runId, atRow)).result);
  return outcomes;
}

export function pathsOf(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'branch-start' ? [event.path] : []));
}
