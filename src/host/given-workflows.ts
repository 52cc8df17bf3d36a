/** The workflows that a run can be asked for by name: those of the config, and those of the program around us. */
import type { WorkflowConfig } from '../config/workflow-config.ts';
import { HostError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Engine, RegisteredWorkflow } from './engine/engine.ts';
import type { Guards } from './guard/verdict.ts';
import { configuredWorkflows } from './workflow/configured.ts';
import { registeredWorkflow, type Workflows } from './workflow/registered.ts';

export interface GivenWorkflow {
  readonly name: string;
  readonly description?: string;
}

export interface GivenWorkflowsOptions {
  /** They stand above those of the config. */
  readonly ofProgram: Workflows;
  readonly guards: Guards;
  readonly engine: Pick<Engine, 'register'>;
}

export class GivenWorkflows {
  readonly #options: GivenWorkflowsOptions;
  #known: ReadonlyMap<string, RegisteredWorkflow<Json, Json>> = new Map();
  #list: readonly GivenWorkflow[] = [];

  constructor(options: GivenWorkflowsOptions) {
    this.#options = options;
  }

  get list(): readonly GivenWorkflow[] {
    return this.#list;
  }

  /** Takes those of a config in place of those of the one before it. Runs under way keep theirs. */
  use(written: Readonly<Record<string, WorkflowConfig>>): void {
    const { ofProgram, guards, engine } = this.#options;
    const all = Object.entries({ ...configuredWorkflows(written), ...ofProgram });
    this.#known = new Map(all.map(([name, given]) => [name, registeredWorkflow(name, given, guards)]));
    this.#list = all.map(([name, given]) => {
      const { description } = typeof given === 'function' ? {} : given;
      return { name, ...(description === undefined ? {} : { description }) };
    });
    for (const workflow of this.#known.values()) engine.register(workflow);
  }

  /** Throws HostError `unknown-workflow`. */
  get(name: string): RegisteredWorkflow<Json, Json> {
    const workflow = this.#known.get(name);
    if (workflow !== undefined) return workflow;
    const names = [...this.#known.keys()].join(', ');
    throw new HostError(
      'unknown-workflow',
      names === ''
        ? `There is no workflow "${name}": the config has none under "workflows".`
        : `There is no workflow "${name}". There are ${names}.`,
    );
  }
}
