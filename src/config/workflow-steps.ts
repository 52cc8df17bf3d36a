/** The steps of a workflow as a config writes it, with their places. */
import type { JsonPath } from './json-document.ts';
import {
  WORKFLOW_KINDS,
  type AgentConfig,
  type MemberConfig,
  type WorkflowConfig,
  type WorkflowStep,
} from './workflow-config.ts';

export interface PlacedStep {
  readonly step: WorkflowStep;
  readonly path: JsonPath;
}

export type WorkflowKind = (typeof WORKFLOW_KINDS)[number];

export function kindOf(workflow: WorkflowConfig): WorkflowKind {
  const kind = WORKFLOW_KINDS.find((one) => workflow[one] !== undefined);
  if (kind === undefined) throw new Error('a workflow that is nothing passed the schema');
  return kind;
}

/** Those right below it, in their order. */
export function stepsOf(workflow: WorkflowConfig, path: JsonPath): readonly PlacedStep[] {
  const { agent, chain, parallel, map, first, vote, route, refine, handoff, team, orchestrate } = workflow;
  return [
    ...(agent === undefined ? [] : ofAgent(agent, [...path, 'agent'])),
    ...ofList(chain, [...path, 'chain']),
    ...ofRecord(parallel?.parts, [...path, 'parallel', 'parts']),
    ...(map === undefined ? [] : [{ step: map.each, path: [...path, 'map', 'each'] }]),
    ...ofList(first?.parts, [...path, 'first', 'parts']),
    ...ofList(vote?.parts, [...path, 'vote', 'parts']),
    ...ofMembers(route?.routes, [...path, 'route', 'routes']),
    ...(refine === undefined ? [] : [{ step: refine.make, path: [...path, 'refine', 'make'] }]),
    ...Object.entries(handoff?.agents ?? {}).flatMap(([name, one]) =>
      ofAgent(one, [...path, 'handoff', 'agents', name]),
    ),
    ...(team === undefined ? [] : ofAgent(team.supervisor, [...path, 'team', 'supervisor'])),
    ...ofMembers(team?.members, [...path, 'team', 'members']),
    ...ofMembers(orchestrate?.workers, [...path, 'orchestrate', 'workers']),
  ];
}

function ofAgent({ agents }: AgentConfig, path: JsonPath): readonly PlacedStep[] {
  return ofMembers(agents, [...path, 'agents']);
}

function ofList(steps: readonly WorkflowStep[] | undefined, path: JsonPath): readonly PlacedStep[] {
  return (steps ?? []).map((step, index) => ({ step, path: [...path, index] }));
}

function ofRecord(
  steps: Readonly<Record<string, WorkflowStep>> | undefined,
  path: JsonPath,
): readonly PlacedStep[] {
  return Object.entries(steps ?? {}).map(([name, step]) => ({ step, path: [...path, name] }));
}

function ofMembers(
  members: Readonly<Record<string, Pick<MemberConfig, 'workflow'>>> | undefined,
  path: JsonPath,
): readonly PlacedStep[] {
  return Object.entries(members ?? {}).map(([name, { workflow }]) => ({
    step: workflow,
    path: [...path, name, 'workflow'],
  }));
}
