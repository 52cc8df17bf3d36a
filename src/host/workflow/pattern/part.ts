/** What patterns are made of, and what they are: any workflow is a part of another. */
import { HostError, toHostError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import { isOwnFailure } from '../../agent/local-tool.ts';
import type { BranchOptions, BudgetLimits, RunContext, Workflow } from '../../context.ts';

/** A workflow that knows what it is called. A plain function of the same shape is one without a name. */
export interface Part<Input extends Json, Output extends Json> extends Workflow<Input, Output> {
  /** `agent`, `chain`, …: what is told of it. */
  readonly kind?: string;
  /** Stands in its path. */
  readonly label?: string;
  /** Limits of its own, within those of the run around it. */
  readonly budget?: PartBudget;
}

export type PartBudget = BudgetLimits;

export type InputOf<Any> = Any extends Workflow<infer Input, infer _> ? Input : never;
export type OutputOf<Any> = Any extends Workflow<infer _, infer Output> ? Output : never;

export interface PartNaming {
  readonly label?: string | undefined;
  readonly budget?: PartBudget | undefined;
}

export function part<Input extends Json, Output extends Json>(
  kind: string,
  { label, budget }: PartNaming,
  run: Workflow<Input, Output>,
): Part<Input, Output> {
  const workflow = (context: RunContext, input: Input): Promise<Output> => run(context, input);
  return Object.assign(workflow, {
    kind,
    ...(label === undefined ? {} : { label }),
    ...(budget === undefined ? {} : { budget }),
  });
}

/** Gives any workflow a name, and limits, of its own. */
export function named<Input extends Json, Output extends Json>(
  label: string,
  workflow: Part<Input, Output>,
  { budget = workflow.budget }: { readonly budget?: PartBudget | undefined } = {},
): Part<Input, Output> {
  return part(kindOf(workflow), { label, budget }, workflow);
}

/** For a branch that is called something else. */
export function withoutLabel<Input extends Json, Output extends Json>(
  workflow: Part<Input, Output>,
): Part<Input, Output> {
  return part(kindOf(workflow), { budget: workflow.budget }, workflow);
}

function kindOf({ kind = 'workflow' }: { readonly kind?: string }): string {
  return kind;
}

/** Works a part on a branch of its own, `1` or `1:search`, and tells its beginning and its end. */
export async function runPart<Input extends Json, Output extends Json>(
  context: RunContext,
  place: number | string,
  workflow: Part<Input, Output>,
  input: Input,
  { stop }: Pick<BranchOptions, 'stop'> = {},
): Promise<Output> {
  const { label, budget } = workflow;
  const branch = context.branch(branchName(place, label), {
    nested: true,
    ...(stop === undefined ? {} : { stop }),
    ...(budget === undefined ? {} : { budget }),
  });
  branch.emit({ type: 'branch-start', workflow: kindOf(workflow) });
  let output: Output;
  try {
    output = await workflow(branch, input);
    // Of a run that has ended nothing is told any more.
    branch.signal.throwIfAborted();
  } catch (thrown) {
    const error = toHostError(thrown);
    const { code, message } = error;
    const wasStopped = stop?.aborted === true && code === 'cancelled' && !branch.signal.aborted;
    // What ends more than this branch is told where it ends; a run that goes on comes here again.
    if (wasStopped) branch.emit({ type: 'branch-end', outcome: 'cancelled' });
    else if (isOwnFailure(branch, error))
      branch.emit({
        type: 'branch-end',
        outcome: code === 'limit-reached' ? 'stopped' : 'failed',
        error: { code, message },
      });
    throw thrown;
  }
  branch.emit({ type: 'branch-end', outcome: 'done', output });
  return output;
}

/** A slash would make two branches of one. */
function branchName(place: number | string, label: string | undefined): string {
  const name = label === undefined ? `${place}` : `${place}:${label}`;
  if (name.includes('/'))
    throw new HostError('usage', `A part cannot be called "${name}": no slash may stand in it.`);
  return name;
}
