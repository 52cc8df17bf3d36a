/** What is known of a workflow before it runs: what it takes, and what it gives. */
import type { JsonObject } from '../json.ts';
import type { ServeSettings } from './serve-settings.ts';
import type { WorkflowConfig, WorkflowStep } from './workflow-config.ts';

export interface WorkflowShape {
  readonly name: string;
  /** What it does, for who may choose it. */
  readonly description?: string;
  /** JSON Schema of its input; without it, it takes a request in words, or whatever else it is given. */
  readonly input?: JsonObject;
  /** JSON Schema of what it gives, where that is known. */
  readonly output?: JsonObject;
}

type Workflows = Readonly<Record<string, WorkflowConfig>>;

export function workflowShapes(workflows: Workflows): readonly WorkflowShape[] {
  return Object.entries(workflows).map(([name, workflow]) => {
    const { description, input } = workflow;
    const output = outputSchemaOf(workflow, workflows);
    return {
      name,
      ...(description === undefined ? {} : { description }),
      ...(input === undefined ? {} : { input }),
      ...(output === undefined ? {} : { output }),
    };
  });
}

/** Those that clients of the gateway have as tools: the named ones, or else all that say what they do. */
export function servedShapes(
  shapes: readonly WorkflowShape[],
  { workflows }: Pick<ServeSettings, 'workflows'>,
): readonly WorkflowShape[] {
  return shapes.filter(({ name, description }) =>
    workflows === undefined ? description !== undefined : workflows.includes(name),
  );
}

/** The circles among workflows were refused as the config was read. */
function outputSchemaOf(step: WorkflowStep, workflows: Workflows): JsonObject | undefined {
  const workflow = typeof step === 'string' ? workflows[step] : step;
  if (workflow === undefined) return undefined;
  const { agent, team, chain, parallel, map } = workflow;
  const answering = agent ?? team?.supervisor;
  if (answering !== undefined) return answering.output ?? { type: 'string' };
  const last = chain?.at(-1);
  if (last !== undefined) return outputSchemaOf(last, workflows);
  if (map !== undefined) {
    const items = outputSchemaOf(map.each, workflows);
    return { type: 'array', ...(items === undefined || map.onFailure === 'collect' ? {} : { items }) };
  }
  if (parallel === undefined) return undefined;
  const parts = Object.entries(parallel.parts).map(([name, part]): [string, JsonObject] => [
    name,
    outputSchemaOf(part, workflows) ?? {},
  ]);
  return { type: 'object', properties: Object.fromEntries(parts), required: Object.keys(parallel.parts) };
}
