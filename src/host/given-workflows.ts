/** The workflows that a run can be asked for by name: those of the config, and those of the program around us. */
import type { Config } from '../config/config.ts';
import { type WorkflowShape, workflowShapes } from '../config/workflow-shape.ts';
import { didYouMean, nearestName } from '../config/problem.ts';
import { HostError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Engine, RegisteredWorkflow } from './engine/engine.ts';
import type { Guards } from './guard/verdict.ts';
import type { SessionLog } from './session/contract.ts';
import { configuredWorkflows } from './workflow/configured.ts';
import { definitionOf, registeredWorkflow, type Workflows } from './workflow/registered.ts';
import { checkedValue, jsonSchemaOf, type ValueSchema } from './workflow/value-schema.ts';

export type GivenWorkflow = WorkflowShape;

export interface GivenWorkflowsOptions {
  /** They stand above those of the config. */
  readonly ofProgram: Workflows;
  readonly guards: Guards;
  /** Where what is said in a run of a session is kept. */
  readonly sessions: Pick<SessionLog, 'keep'>;
  readonly engine: Pick<Engine, 'register'>;
}

export class GivenWorkflows {
  readonly #options: GivenWorkflowsOptions;
  #known: ReadonlyMap<string, RegisteredWorkflow<Json, Json>> = new Map();
  #list: readonly GivenWorkflow[] = [];
  #inputs: ReadonlyMap<string, ValueSchema<Json>> = new Map();

  constructor(options: GivenWorkflowsOptions) {
    this.#options = options;
  }

  get list(): readonly GivenWorkflow[] {
    return this.#list;
  }

  /** Takes those of a config in place of those of the one before it. Runs under way keep theirs. */
  use({ workflows: written, scripts }: Pick<Config, 'workflows' | 'scripts'>): void {
    const { ofProgram, engine } = this.#options;
    const all = Object.entries({ ...configuredWorkflows(written, scripts), ...ofProgram });
    this.#known = new Map(all.map(([name, given]) => [name, registeredWorkflow(name, given, this.#options)]));
    const shapes = [
      ...workflowShapes(written).filter(({ name }) => !Object.hasOwn(ofProgram, name)),
      ...Object.entries(ofProgram).map(([name, given]) => shapeOf(name, given)),
    ];
    this.#list = shapes;
    this.#inputs = new Map([
      ...shapes.flatMap(({ name, input }) => (input === undefined ? [] : [[name, input] as const])),
      ...Object.entries(ofProgram).flatMap(([name, given]) => {
        const { input } = definitionOf(given);
        return input === undefined ? [] : [[name, input] as const];
      }),
    ]);
    for (const workflow of this.#known.values()) engine.register(workflow);
  }

  /** What a run of it begins with. Rejects with HostError `input-invalid` where this does not fit what the workflow takes. */
  async inputFor(name: string, given: Json): Promise<Json> {
    const schema = this.#inputs.get(name);
    if (schema === undefined) return given;
    const checked = await checkedValue(schema, given, 'input');
    if (checked.type === 'fits') return checked.value;
    throw new HostError(
      'input-invalid',
      `The input does not fit what the workflow "${name}" takes. ${checked.problems.join('; ')}. It takes ${JSON.stringify(jsonSchemaOf(schema, 'input'))}`,
    );
  }

  has(name: string): boolean {
    return this.#known.has(name);
  }

  /** Throws HostError `unknown-workflow`. */
  get(name: string): RegisteredWorkflow<Json, Json> {
    const workflow = this.#known.get(name);
    if (workflow !== undefined) return workflow;
    const names = [...this.#known.keys()];
    throw new HostError(
      'unknown-workflow',
      names.length === 0
        ? `There is no workflow "${name}": the config has none under "workflows".`
        : `There is no workflow "${name}". There are ${names.join(', ')}.${didYouMean(nearestName(name, names))}`,
    );
  }
}

function shapeOf(name: string, given: Workflows[string]): WorkflowShape {
  const { description, input, output } = definitionOf(given);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(input === undefined ? {} : { input: jsonSchemaOf(input, 'input') }),
    ...(output === undefined ? {} : { output: jsonSchemaOf(output, 'output') }),
  };
}
