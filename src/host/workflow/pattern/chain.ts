/** One part after another: each is given what the one before it gave. */
import { HostError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { RunContext } from '../../context.ts';
import { type Part, part, runPart } from './part.ts';

type Step<Input extends Json, Output extends Json> = Part<Input, Output>;

export interface ChainOptions {
  readonly name?: string;
}

export function chain<A extends Json, B extends Json>(
  steps: readonly [Step<A, B>],
  options?: ChainOptions,
): Part<A, B>;
export function chain<A extends Json, B extends Json, C extends Json>(
  steps: readonly [Step<A, B>, Step<B, C>],
  options?: ChainOptions,
): Part<A, C>;
export function chain<A extends Json, B extends Json, C extends Json, D extends Json>(
  steps: readonly [Step<A, B>, Step<B, C>, Step<C, D>],
  options?: ChainOptions,
): Part<A, D>;
export function chain<A extends Json, B extends Json, C extends Json, D extends Json, E extends Json>(
  steps: readonly [Step<A, B>, Step<B, C>, Step<C, D>, Step<D, E>],
  options?: ChainOptions,
): Part<A, E>;
export function chain<
  A extends Json,
  B extends Json,
  C extends Json,
  D extends Json,
  E extends Json,
  F extends Json,
>(
  steps: readonly [Step<A, B>, Step<B, C>, Step<C, D>, Step<D, E>, Step<E, F>],
  options?: ChainOptions,
): Part<A, F>;
/** Of any length, where each step takes what any other gives. */
export function chain<A extends Json>(steps: readonly Step<A, A>[], options?: ChainOptions): Part<A, A>;
export function chain(
  steps: readonly Step<never, Json>[],
  { name: label }: ChainOptions = {},
): Part<Json, Json> {
  return part('chain', { label }, async (context, input) => {
    let value = input;
    for (const [index, step] of steps.entries())
      value = await runPart(context, index + 1, step as Step<Json, Json>, value);
    return value;
  });
}

/** What lets a value pass: true, or what is wrong with it. */
export type GateCheck<Value extends Json> = (
  value: Value,
  context: RunContext,
) => true | string | Promise<true | string>;

/** A step that gives what it was given, or ends the run with HostError `gate-closed`. */
export function gate<Value extends Json>(name: string, check: GateCheck<Value>): Part<Value, Value> {
  return part('gate', { label: name }, async (context, value) => {
    const verdict = await context.step('gate', async () => check(value, context));
    if (verdict === true) return value;
    throw new HostError('gate-closed', `The gate "${name}" did not open: ${verdict}`);
  });
}
