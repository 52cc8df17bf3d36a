import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { RunContext } from '../../src/host/context.ts';
import type { RegisteredWorkflow } from '../../src/host/engine/engine.ts';
import { isJsonObject, type Json } from '../../src/json.ts';

/** What a step of these workflows gives: about as much as a short answer of a tool. */
export function smallResult(step: number): Json {
  return { step, text: 'The sum of the two numbers that were given is 50.', isError: false };
}

/** What a step does besides giving its result. */
export type StepKind = 'microtask' | 'turn' | 'claim';

/** So many steps one after the other; `onStep` is told the milliseconds of each. */
export function stepsWorkflow(onStep: (ms: number) => void = () => undefined): RegisteredWorkflow {
  return {
    name: 'steps',
    async run(context, input) {
      const { count, kind } = readInput(input);
      for (let step = 0; step < count; step += 1) {
        const started = performance.now();
        await oneStep(context, step, kind);
        // What an effect is made for takes its time: the claim of the next one finds the result of this one written.
        if (kind === 'claim') await nextTurn();
        onStep(performance.now() - started);
      }
      return null;
    },
  };
}

function oneStep(context: RunContext, step: number, kind: StepKind): Promise<Json> {
  return context.step('work', async (current) => {
    if (kind === 'claim') current.claim({ tool: 'everything__add', arguments: { a: 40, b: step } });
    if (kind !== 'microtask') await nextTurn();
    return smallResult(step);
  });
}

export type StepsInput = {
  readonly count: number;
  readonly kind: StepKind;
};

function readInput(input: Json): StepsInput {
  if (!isJsonObject(input)) throw new TypeError('the workflow "steps" takes an object');
  return input as unknown as StepsInput;
}

/**
 * So many steps, every second with an event behind it, and then one that is told to `onFirstNew`: what a run that is
 * resumed comes to when it has taken all the others from its journal.
 */
export function longWorkflow(onFirstNew: () => void): RegisteredWorkflow {
  return {
    name: 'long',
    async run(context, count) {
      for (let step = 0; step < Number(count); step += 1) {
        await context.step('work', async () => {
          // Now and then the rows are written, as they are where steps wait for something.
          if (step % 100 === 99) await nextTurn();
          return smallResult(step);
        });
        if (step % 2 === 1) context.emit({ type: 'turn-end', turn: step, toolCalls: 1 });
      }
      return context.step('first-new', async ({ signal }) => {
        onFirstNew();
        await once(signal, 'abort');
        throw signal.reason;
      });
    },
  };
}
