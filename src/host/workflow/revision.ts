import { createHash } from 'node:crypto';

import type { Scripts } from '../../config/script-files.ts';
import type { WorkflowConfig, WorkflowStep } from '../../config/workflow-config.ts';
import { stepsOf } from '../../config/workflow-steps.ts';

/** Of a workflow of the config: of what is written of it and of all that it is made of, the text of scripts included. */
export function revisionOf(
  name: string,
  written: Readonly<Record<string, WorkflowConfig>>,
  scripts: Scripts,
): string {
  const hash = createHash('sha256');
  const seen = new Set<string>();
  const add = (step: WorkflowStep): void => {
    if (typeof step === 'string') {
      const named = written[step];
      if (seen.has(step) || named === undefined) return;
      seen.add(step);
      hash.update(JSON.stringify([step, named]));
      add(named);
      return;
    }
    if (step.script !== undefined) hash.update(JSON.stringify([step.script, textOf(scripts[step.script])]));
    for (const { step: below } of stepsOf(step, [])) add(below);
  };
  add(name);
  return hash.digest('hex').slice(0, 12);
}

function textOf(script: Scripts[string] | undefined): string {
  return script?.type === 'read' ? script.hash : (script?.type ?? '');
}
