/** A workflow that asks a person, as a client of the gateway meets it. */
import { afterEach, expect, test } from 'vitest';

import { RunStore } from '../../../src/host/engine/durable/run-store.ts';
import { openQuestions } from '../../../src/host/person/question.ts';
import { openState } from '../../../src/host/state.ts';
import { type AskWorld, askWorld, collected, textOf, toldRun } from '../../fixtures/ask-world.ts';

let asked: AskWorld;
afterEach(() => asked[Symbol.asyncDispose]());

test.each(['modern', 'legacy'] as const)(
  'a %s client is told at once that a workflow asks a person, and who answers where',
  async (era) => {
    asked = await askWorld(() => ({ type: 'answer', text: 'unasked' }), {
      workflows: { tree: { description: 'Asks.', ask: { question: 'Which tree?' } } },
      // The client would hear nothing for so long.
      serve: { detachAfterMs: 600_000 },
    });
    const { client } = await asked.connect(era);
    const result = await client.callTool({ name: 'switchyard__tree', arguments: { request: 'a tree' } });
    const { runId } = toldRun(result);
    expect(toldRun(result).next).toMatch(`Run ${runId} asks a person: "Which tree?"`);
    expect(textOf(result)).toContain(`switchyard runs answer ${runId}`);

    using state = openState(asked.world.home);
    const store = new RunStore(state, asked.world.home);
    const row = store.get(runId);
    const [question] = openQuestions(store.events(row).map(({ event }) => event));
    const answer = { action: 'accept', content: { answer: 'An oak.' } };
    store.signal(runId, question?.signal ?? '', JSON.stringify(answer));
    expect(toldRun(await collected(client, runId))).toMatchObject({ status: 'done', answer: 'An oak.' });
  },
);
