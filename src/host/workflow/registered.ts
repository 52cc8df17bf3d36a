/** A workflow by name as the engine knows it: with its request guarded, and with what is said kept in its session. */
import type { z } from 'zod';

import { RESERVED_WORKFLOWS, WORKFLOW_NAME } from '../../config/workflow-name.ts';
import { HostError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { RunContext, Workflow } from '../context.ts';
import type { RegisteredWorkflow } from '../engine/engine.ts';
import { guardedRequest } from '../guard/input-step.ts';
import type { Guards } from '../guard/verdict.ts';
import type { SessionLog } from '../session/contract.ts';
import { keeperOf } from '../session/keep-said.ts';
import { answerOf, requestTo } from './said.ts';
import type { ValueSchema } from './value-schema.ts';
import type { Part } from './pattern/part.ts';

export interface WorkflowDefinition {
  readonly run: AnyWorkflow;
  /** What it does, for who may choose it. */
  readonly description?: string;
  /** What it takes: checked before a run starts. A schema of zod gives what it makes of the input. */
  readonly input?: ValueSchema<Json>;
  /** What it gives, told to clients of the gateway. */
  readonly output?: ValueSchema<Json>;
  /** Of its code, for people: recorded with each run. */
  readonly revision?: string;
}

/** A workflow of whatever input. Methods are compared both ways: with `never` in its place nothing could be inferred of it. */
export type AnyWorkflow = { run(context: RunContext, input: Json): Promise<Json> }['run'];

/** By name. */
export type Workflows = Readonly<Record<string, AnyWorkflow | WorkflowDefinition>>;

export interface GivenDefinition<Input extends Json, Output extends Json>
  extends Omit<WorkflowDefinition, 'run' | 'input' | 'output'> {
  readonly run: Workflow<Input, Output>;
  readonly input?: ValueSchema<Input>;
  readonly output?: ValueSchema<Output>;
}

export interface SchemaDefinition<Schema extends z.ZodType<Json>, Output extends Json>
  extends Omit<WorkflowDefinition, 'run' | 'input' | 'output'> {
  readonly input: Schema;
  readonly run: Workflow<Extract<z.output<Schema>, Json>, Output>;
  readonly output?: ValueSchema<Output>;
}

/** A workflow with what is told of it, where the compiler holds its schemas against what it takes and gives. */
export function workflow<Schema extends z.ZodType<Json>, Output extends Json>(
  definition: SchemaDefinition<Schema, Output>,
): SchemaDefinition<Schema, Output>;
export function workflow<Input extends Json, Output extends Json>(
  definition: GivenDefinition<Input, Output>,
): GivenDefinition<Input, Output>;
export function workflow<Input extends Json, Output extends Json>(
  definition: GivenDefinition<Input, Output>,
): GivenDefinition<Input, Output> {
  return definition;
}

/** Throws HostError `usage` for a name that is the host's own, or none. */
export function registeredWorkflow(
  name: string,
  given: Workflows[string],
  { guards, sessions }: { readonly guards: Guards; readonly sessions: Pick<SessionLog, 'keep'> },
): RegisteredWorkflow<Json, Json> {
  if (RESERVED_WORKFLOWS.includes(name) || !WORKFLOW_NAME.test(name))
    throw new HostError(
      'usage',
      `A workflow cannot be called "${name}": a name is a letter and up to 63 letters, digits, "_" and "-", and none of ${RESERVED_WORKFLOWS.join(', ')}.`,
    );
  const { run, revision } = definitionOf(given);
  const { budget } = run as Part<never, Json>;
  return {
    name,
    ...(revision === undefined ? {} : { revision }),
    ...(budget === undefined ? {} : { budget }),
    run: async (context, given) => {
      const input = await guardedInput(context, guards, given);
      const keep = keeperOf(context, sessions);
      await keep(requestTo(name, input));
      const output = await run(context, input as never);
      await keep(answerOf(output));
      return output;
    },
  };
}

export function definitionOf(given: Workflows[string]): WorkflowDefinition {
  return typeof given === 'function' ? { run: given } : given;
}

async function guardedInput(context: RunContext, guards: Guards, input: Json): Promise<Json> {
  if (typeof input === 'string') return guardedRequest(context, guards, input);
  const text = JSON.stringify(input);
  const guarded = await guardedRequest(context, guards, text);
  if (guarded === text) return input;
  try {
    return JSON.parse(guarded) as Json;
  } catch (error) {
    throw new HostError('request-denied', 'What the guards made of the request is no JSON any more.', {
      cause: error,
    });
  }
}
