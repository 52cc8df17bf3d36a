/** A host whose workflows are known to the compiler: their names, what they take, and what they give. Types only. */
import type { z } from 'zod';

import type { Json } from '../json.ts';
import type { Host, HostOptions, WorkflowRunOptions } from './contract.ts';
import type { RunHandle } from './engine/engine.ts';
import type { InputOf, OutputOf } from './workflow/pattern/part.ts';
import type { Workflows } from './workflow/registered.ts';

/** What `createHost` and `openHost` give for `workflows`. Those of the config alone are run by it as a plain `Host`. */
export interface TypedHost<Given extends Workflows> extends Omit<Host, 'run'> {
  /** See Host.run. */
  run<Name extends keyof Given & string>(
    workflow: Name,
    input: InputFor<Given[Name]>,
    options?: WorkflowRunOptions,
  ): Promise<RunHandle<OutputFor<Given[Name]>>>;
}

/** With `workflows`, `run` of the host knows their names, what they take and what they give. */
export interface CreateHost {
  <Given extends Workflows>(options: HostOptions & { readonly workflows: Given }): Promise<TypedHost<Given>>;
  (options: HostOptions): Promise<Host>;
}

/** What a run is begun with; of a schema of zod what goes into it. */
export type InputFor<Given> = Given extends { readonly input: infer Schema extends z.ZodType<Json> }
  ? z.input<Schema>
  : Given extends { readonly run: infer Run }
    ? InputOf<Run>
    : InputOf<Given>;

export type OutputFor<Given> = Given extends { readonly run: infer Run }
  ? Extract<OutputOf<Run>, Json>
  : Extract<OutputOf<Given>, Json>;
