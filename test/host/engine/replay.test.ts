import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { RunContext } from '../../../src/host/context.ts';
import type { RegisteredWorkflow } from '../../../src/host/engine/engine.ts';
import type { Json } from '../../../src/json.ts';
import { agentTools, linesOf } from '../../fixtures/agent-tools.ts';
import { eventsOf, openTestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const TURNS = 5;

/** Five turns of a model, and two calls after each but the last. */
function survey(
  between: (context: RunContext, turn: number) => Promise<unknown>,
): RegisteredWorkflow<never, Json> {
  return {
    name: 'survey',
    run: async (context) => {
      const said: string[] = [];
      for (let turn = 1; turn <= TURNS; turn += 1) {
        const path = context.branch(`turn-${turn}`);
        const result = await path.model('default').generate({
          system: '',
          messages: [{ role: 'user', content: [{ type: 'text', text: `Turn ${turn}` }] }],
          tools: [],
        });
        said.push(result.type === 'message' ? JSON.stringify(result.message.content) : 'no answer');
        await between(path, turn);
        if (turn < TURNS) await callTwo(path, turn);
      }
      return said;
    },
  };
}

async function callTwo(context: RunContext, turn: number): Promise<void> {
  await Promise.all(
    ['weather', 'order'].map((tool) => {
      const args = tool === 'weather' ? { city: `City ${turn}` } : { thing: `thing ${turn}` };
      const branch = context.branch(tool);
      return branch.tools.call(branch, {
        callId: `${tool}-${turn}`,
        name: `tools__${tool}`,
        arguments: args,
      });
    }),
  );
}

const UNCHANGED = survey(async () => undefined);

test('five turns and eight calls are replayed without a model or a tool, and an edit is named by its step', async () => {
  await using folder = await temporaryFolder('replay');
  const ledger = join(folder.path, 'ledger');
  const servers = [agentTools(ledger)];
  let runId: string;
  {
    await using opened = await openTestHost({
      folder: folder.path,
      servers,
      workflows: { survey: UNCHANGED },
      script: (_request, n) => ({ type: 'answer', text: `Answer ${n + 1}.` }),
    });
    await opened.host.models();
    await opened.host.registry.ready();
    const run = await opened.host.run('survey', null);
    runId = run.id;
    const events = await eventsOf(run);
    expect((await run.result).type).toBe('done');
    expect(events.filter(({ type }) => type === 'model-end')).toHaveLength(5);
    expect(
      events.filter((event) => event.type === 'tool-call-end' && event.outcome === 'complete'),
    ).toHaveLength(8);
  }
  const done = linesOf(ledger);

  const replayed = async (workflow: RegisteredWorkflow<never, Json>) => {
    await using opened = await openTestHost({
      folder: folder.path,
      servers,
      workflows: { survey: workflow },
      script: () => ({ type: 'answer', text: 'asked again' }),
    });
    const outcome = await opened.host.engine.replay(runId);
    expect(opened.model.requests).toEqual([]);
    expect(opened.host.registry.servers().map(({ pid }) => pid)).toEqual([undefined]);
    return outcome;
  };
  expect(await replayed(UNCHANGED)).toMatchObject({ type: 'identical', complete: true });
  const edited = survey((context, turn) =>
    turn === 3 ? context.step('look-up', async () => null) : Promise.resolve(),
  );
  expect(await replayed(edited)).toMatchObject({
    type: 'different',
    kind: 'step',
    path: 'turn-3',
    ordinal: 1,
    now: 'look-up',
  });
  expect(linesOf(ledger)).toEqual(done);
});
