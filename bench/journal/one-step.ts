/** What one journaled step costs, beside a bare insert. A process of its own: `one-step.ts <folder> <subject> <synchronous>`. */
import { mkdirSync } from 'node:fs';

import { bareInserts } from './bare-insert.ts';
import { tell } from './child.ts';
import { openEngine, type Synchronous } from './open-engine.ts';
import { type StepKind, type StepsInput, stepsWorkflow } from './workflows.ts';

const COUNT = 4_000;
const WARM_UP = 1_000;

export interface StepTimes {
  /** Of each step. */
  readonly ms: readonly number[];
}

const [folder = '', subject = '', synchronous = 'normal'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const options = { count: COUNT + WARM_UP, synchronous: synchronous as Synchronous };
const all: number[] = [];
if (subject === 'bare') {
  all.push(...(await bareInserts(folder, options)));
} else {
  const workflow = stepsWorkflow((ms) => all.push(ms));
  await using host = openEngine(folder, [workflow], options);
  const input: StepsInput = { count: options.count, kind: subject as StepKind };
  const outcome = await host.engine.start(workflow, input).result;
  if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
}
tell({ ms: all.slice(WARM_UP) } satisfies StepTimes);
