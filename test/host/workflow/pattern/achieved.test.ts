/** What a run of each pattern has achieved when a limit stops it. */
import { expect, test } from 'vitest';

import { agent, chain, map, orchestrate, parallel, team } from '../../../../src/index.ts';
import type { Achieved } from '../../../../src/host/event.ts';
import type { RunOutcome } from '../../../../src/host/engine/engine.ts';
import { calls, openPatterns } from './pattern-world.ts';

function achieved(outcome: RunOutcome): Achieved {
  if (outcome.type !== 'stopped') throw new Error(JSON.stringify(outcome));
  return outcome.achieved;
}

const writer = (name: string) => agent({ name, instructions: 'WRITER', tools: [] });
const VOICES = { WRITER: ({ userText }: { readonly userText: string }) => `${userText}.` };

test('of a chain the steps that ended, and the one that was reached', async () => {
  await using world = await openPatterns(chain([writer('a'), writer('b'), writer('c')]), VOICES);
  const handle = await world.host.run('main', 'x', { budget: { maxTurns: 2 } });
  expect(achieved(await handle.result)).toEqual({
    parts: [
      { path: '1:a', workflow: 'agent', output: 'x.' },
      { path: '2:b', workflow: 'agent', output: 'x..' },
    ],
    unfinished: [{ path: '3:c', workflow: 'agent' }],
    results: [],
  });
});

test('of parts in parts the outermost that ended, and what had begun around them', async () => {
  const whole = parallel({ left: chain([writer('a'), writer('b')]) });
  const half = chain([writer('c'), writer('d')]);
  await using world = await openPatterns(chain([whole, half]), VOICES);
  const handle = await world.host.run('main', 'x', { budget: { maxTurns: 3 } });
  const { parts, unfinished } = achieved(await handle.result);
  expect(parts).toEqual([
    { path: '1', workflow: 'parallel', output: { left: 'x..' } },
    { path: '2/1:c', workflow: 'agent', output: expect.any(String) },
  ]);
  expect(unfinished.map(({ path }) => path)).toEqual(['2', '2/2:d']);
});

test('of a map the items that are done', async () => {
  await using world = await openPatterns(map(writer('item'), { concurrency: 1 }), VOICES);
  const handle = await world.host.run('main', ['one', 'two', 'three'], { budget: { maxTurns: 2 } });
  expect(achieved(await handle.result).parts.map(({ output }) => output)).toEqual(['one.', 'two.']);
});

test('of a team what the members gave, and the last words of the supervisor', async () => {
  await using world = await openPatterns(
    team(
      { instructions: 'LEAD', tools: [] },
      { writer: { description: 'writes', workflow: writer('member') } },
    ),
    {
      ...VOICES,
      LEAD: ({ toolResults }) => ({
        ...(calls('writer', { request: `part ${toolResults.length}` }) as { type: 'answer' }),
        text: `I have ${toolResults.length}.`,
      }),
    },
  );
  const handle = await world.host.run('main', 'x', { budget: { maxTurns: 4 } });
  const { parts, text, unfinished } = achieved(await handle.result);
  expect(parts.map(({ output }) => output)).toEqual(['part 0.', 'part 1.']);
  expect([text, unfinished]).toEqual(['I have 1.', []]);
});

test('of an orchestrated plan the tasks that are done', async () => {
  const tasks = ['one', 'two', 'three'].map((id) => ({ id, worker: 'writer', request: id, dependsOn: [] }));
  await using world = await openPatterns(
    orchestrate({ workers: { writer: { description: 'writes', workflow: writer('w') } }, concurrency: 1 }),
    { ...VOICES, 'You divide': () => calls('answer', { tasks }) },
  );
  const handle = await world.host.run('main', 'x', { budget: { maxTurns: 3 } });
  const { parts } = achieved(await handle.result);
  expect(parts.filter(({ path }) => path.startsWith('1-work/')).map(({ output }) => output)).toEqual([
    'one.',
    'two.',
  ]);
  const again = await world.host.resume(handle.id, { budget: { maxTurns: 3, maxTokens: 1 } });
  // Nothing was added: it achieved the same, whichever limit it is.
  expect(achieved(await again.result).parts).toEqual(parts);
});
