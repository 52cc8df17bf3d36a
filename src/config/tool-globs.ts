import { everyWorkflow } from './check-workflows.ts';
import type { JsonPath } from './json-document.ts';
import type { WorkflowConfig } from './workflow-config.ts';

export interface PlacedGlob {
  readonly glob: string;
  readonly path: JsonPath;
}

/** The globs over names of tools that agents of workflows have, with their places. */
export function toolGlobs(workflows: Readonly<Record<string, WorkflowConfig>>): readonly PlacedGlob[] {
  return everyWorkflow(workflows).flatMap(({ workflow, path }) => {
    const { agent, team, handoff, orchestrate } = workflow;
    return [
      ...globsOf(agent, [...path, 'agent']),
      ...globsOf(team?.supervisor, [...path, 'team', 'supervisor']),
      ...Object.entries(handoff?.agents ?? {}).flatMap(([name, one]) =>
        globsOf(one, [...path, 'handoff', 'agents', name]),
      ),
      ...globsOf(orchestrate?.planner, [...path, 'orchestrate', 'planner']),
    ];
  });
}

function globsOf(
  agent: { readonly tools?: readonly string[]; readonly until?: readonly string[] } | undefined,
  path: JsonPath,
): readonly PlacedGlob[] {
  return (['tools', 'until'] as const).flatMap((key) =>
    (agent?.[key] ?? []).map((glob, index) => ({ glob, path: [...path, key, index] })),
  );
}
