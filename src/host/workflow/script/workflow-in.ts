import { isJsonObject } from '../../../json.ts';
import type { Json } from '../../../json.ts';
import type { RunContext } from '../../context.ts';

/** As a person writes it: what it gives is not known to be JSON yet. */
export type ScriptWorkflow = (context: RunContext, input: Json) => unknown;

export type FoundWorkflow =
  | { readonly type: 'workflow'; readonly run: ScriptWorkflow }
  | { readonly type: 'none'; readonly reason: string };

/** What a script's module exports as its workflow: `run`, else its default. */
export function workflowIn(module: unknown): FoundWorkflow {
  const { run, default: standard } = isModule(module) ? module : {};
  const found = run ?? standard;
  if (typeof found === 'function') return { type: 'workflow', run: found as ScriptWorkflow };
  const names = isModule(module) ? Object.keys(module) : [];
  const what =
    found !== undefined
      ? `its '${run === undefined ? 'default' : 'run'}' is no function`
      : names.length === 0
        ? 'it exports nothing'
        : `it exports ${names.join(', ')} and no 'run'`;
  return {
    type: 'none',
    reason: `${what}. Export the workflow: export async function run(context, input) { … }`,
  };
}

function isModule(value: unknown): value is { readonly run?: unknown; readonly default?: unknown } {
  return isJsonObject(value);
}
