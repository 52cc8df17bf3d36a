/** Parts that wait: they cost nothing meanwhile, and outlive their host. */
import type { Json } from '../../../json.ts';
import { type Part, part } from './part.ts';

/** Gives its input after a time. */
export function pause<Value extends Json>(ms: number): Part<Value, Value> {
  return part('wait', { label: 'pause' }, async (context, value) => {
    await context.sleep(ms);
    return value;
  });
}

export interface WaitOptions {
  /** Without it, it waits for good. */
  readonly timeoutMs?: number;
}

/** Gives the value with which `host.engine.signal(runId, name, value)` comes. Rejects with HostError `wait-timeout`. */
export function waitForSignal<Value extends Json>(
  signal: string,
  options: WaitOptions = {},
): Part<Json, Value> {
  return part('wait', { label: 'signal' }, (context) => context.waitFor<Value>(signal, options));
}
