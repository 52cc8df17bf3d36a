import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import type { Json } from '../../../../src/json.ts';
import { agent } from '../../../../src/host/workflow/pattern/agent.ts';
import { chain, gate } from '../../../../src/host/workflow/pattern/chain.ts';
import { handoff, team } from '../../../../src/host/workflow/pattern/handoff.ts';
import { orchestrate } from '../../../../src/host/workflow/pattern/orchestrate.ts';
import { first, map, parallel, vote } from '../../../../src/host/workflow/pattern/parallel.ts';
import { named, type Part, part } from '../../../../src/host/workflow/pattern/part.ts';
import { refine } from '../../../../src/host/workflow/pattern/refine.ts';
import { byModel, byRules, route } from '../../../../src/host/workflow/pattern/route.ts';
import type { Wire } from '../../../fixtures/model/request.ts';
import { calls, openPatterns, pathsOf, resumedOutcomes, type Voices } from './pattern-world.ts';

interface Case {
  readonly workflow: Part<never, Json>;
  readonly voices: Voices;
  readonly input: Json;
  readonly output: Json;
  readonly paths: readonly string[];
}

const writer = agent({ name: 'writer', instructions: 'WRITER', tools: [] });
const critic = agent({ name: 'critic', instructions: 'CRITIC', tools: [] });

const CASES: Readonly<Record<string, Case>> = {
  'an agent that calls a tool': {
    workflow: agent({ instructions: 'WEATHER', tools: ['tools__weather'] }),
    voices: {
      WEATHER: ({ toolResults, toolNames }) =>
        toolResults.length === 0
          ? calls('tools__weather', { city: 'Bonn' })
          : `${toolNames.join()}: ${toolResults.length} results`,
    },
    input: 'How warm is it?',
    output: 'tools__weather: 1 results',
    paths: [],
  },
  'an agent that ends with what a tool says': {
    workflow: agent({ instructions: 'WEATHER', tools: ['tools__*'], until: ['*__weather'] }),
    voices: {
      WEATHER: ({ toolResults }) =>
        toolResults.length === 0
          ? calls('tools__weather', { town: 'Bonn' })
          : calls('tools__weather', { city: 'Bonn' }),
    },
    input: 'How warm is it?',
    output: 'Bonn: 21 degrees',
    paths: [],
  },
  'an agent whose answer has a shape': {
    workflow: agent({
      instructions: 'SHAPE',
      tools: [],
      output: z.object({ city: z.string(), degrees: z.number() }),
    }),
    voices: { SHAPE: () => calls('answer', { city: 'Bonn', degrees: 21 }) },
    input: 'Bonn, 21 degrees',
    output: { city: 'Bonn', degrees: 21 },
    paths: [],
  },
  'a chain with a gate': {
    workflow: chain(
      [writer, gate<string>('not empty', (text) => text !== '' || 'There is no text.'), critic],
      { name: 'essay' },
    ),
    voices: {
      WRITER: ({ userText }) => `draft of ${userText}`,
      CRITIC: ({ userText }) => `good: ${userText}`,
    },
    input: 'trees',
    output: 'good: draft of trees',
    paths: ['1:writer', '2:not empty', '3:critic'],
  },
  'sections side by side': {
    workflow: parallel({ pro: writer, con: critic }),
    voices: { WRITER: ({ userText }) => `for ${userText}`, CRITIC: ({ userText }) => `against ${userText}` },
    input: 'trees',
    output: { pro: 'for trees', con: 'against trees' },
    paths: ['pro:writer', 'con:critic'],
  },
  'a map over a list': {
    workflow: map(writer, { concurrency: 2 }),
    voices: { WRITER: ({ userText }) => `about ${userText}` },
    input: ['oak', 'ash', 'elm'],
    output: ['about oak', 'about ash', 'about elm'],
    paths: ['1:writer', '2:writer', '3:writer'],
  },
  'a vote': {
    workflow: vote([writer, critic, named('second', critic)], { vote: (text) => text.toLowerCase() }),
    voices: { WRITER: () => 'No', CRITIC: () => 'Yes' },
    input: 'Shall we?',
    output: { output: 'Yes', votes: 2, of: 3 },
    paths: ['1:writer', '2:critic', '3:second'],
  },
  'a route by a model': {
    workflow: route(
      {
        trees: { description: 'Questions on trees.', workflow: writer },
        bills: { description: 'Questions on bills.', workflow: critic },
      },
      { by: byModel() },
    ),
    voices: {
      'You decide': () => calls('answer', { route: 'bills', confidence: 0.9, reason: 'It asks for money.' }),
      CRITIC: ({ userText }) => `billed: ${userText}`,
    },
    input: 'What do I owe?',
    output: 'billed: What do I owe?',
    paths: ['bills:critic'],
  },
  'a route by rules with a default': {
    workflow: route(
      { trees: { description: '', workflow: writer }, bills: { description: '', workflow: critic } },
      { by: byRules({ bills: /owe/ }), otherwise: 'trees' },
    ),
    voices: { WRITER: ({ userText }) => `green: ${userText}` },
    input: 'Is the oak ill?',
    output: 'green: Is the oak ill?',
    paths: ['trees:writer'],
  },
  'a draft that is refined': {
    workflow: refine(
      named('draft', agent({ instructions: 'WRITER', tools: [] })),
      agent({
        name: 'judge',
        instructions: 'JUDGE',
        tools: [],
        output: z.object({ accepted: z.boolean(), feedback: z.string() }),
      }),
    ),
    voices: {
      WRITER: ({ userText }) => (userText.includes('feedback') ? 'second draft' : 'first draft'),
      JUDGE: ({ userText }) =>
        calls('answer', { accepted: userText.includes('second'), feedback: 'Say it shorter.' }),
    },
    input: 'trees',
    output: { output: 'second draft', rounds: 2, accepted: true, feedback: 'Say it shorter.' },
    paths: ['1-make:draft', '1-judge:judge', '2-make:draft', '2-judge:judge'],
  },
  'agents that hand over': {
    workflow: handoff(
      {
        desk: { description: 'Begins.', instructions: 'DESK', tools: [] },
        bills: { description: 'Money.', instructions: 'BILLS', tools: [] },
      },
      { start: 'desk' },
    ),
    voices: {
      DESK: () => calls('transfer_to_bills', { reason: 'It is about money.' }),
      BILLS: ({ userText, toolResults }) => `${userText} 5 euros (${toolResults.length} before)`,
    },
    input: 'What do I owe?',
    output: {
      text: 'What do I owe? 5 euros (1 before)',
      agent: 'bills',
      handoffs: [{ from: 'desk', to: 'bills', reason: 'It is about money.' }],
    },
    paths: ['1:desk', '2:bills'],
  },
  'a supervisor with a team': {
    workflow: team(
      { name: 'boss', instructions: 'BOSS', tools: [] },
      {
        write: { description: 'Writes.', workflow: writer },
        judge: { description: 'Judges.', workflow: critic },
      },
    ),
    voices: {
      BOSS: ({ toolResults }) =>
        toolResults.length === 0
          ? {
              type: 'answer',
              toolCalls: [
                { name: 'write', arguments: { request: 'oaks' } },
                { name: 'judge', arguments: { request: 'elms' } },
              ],
            }
          : toolResults.map(({ text }) => text).join(' and '),
      WRITER: ({ userText }) => `text on ${userText}`,
      CRITIC: ({ userText }) => `word on ${userText}`,
    },
    input: 'Both, please.',
    output: 'text on oaks and word on elms',
    paths: ['turn-1/call-1/write', 'turn-1/call-2/judge'],
  },
  'a plan that is worked off': {
    workflow: orchestrate({
      workers: {
        writer: { description: 'Writes.', workflow: writer },
        critic: { description: 'Judges.', workflow: critic },
      },
    }),
    voices: {
      'You divide': () =>
        calls('answer', {
          tasks: [
            { id: 'judge', worker: 'critic', request: 'Judge it.', dependsOn: ['text'] },
            { id: 'text', worker: 'writer', request: 'Write it.', dependsOn: [] },
          ],
        }),
      WRITER: () => 'a text',
      CRITIC: ({ userText }) => (userText.includes('Result of "text":\na text') ? 'a good text' : 'no text'),
      'You make one': ({ userText }) => (userText.includes('a good text') ? 'Here it is.' : 'Nothing.'),
    },
    input: 'A judged text, please.',
    output: {
      text: 'Here it is.',
      tasks: [
        {
          id: 'text',
          worker: 'writer',
          request: 'Write it.',
          dependsOn: [],
          type: 'done',
          output: 'a text',
          attempts: 1,
        },
        {
          id: 'judge',
          worker: 'critic',
          request: 'Judge it.',
          dependsOn: ['text'],
          type: 'done',
          output: 'a good text',
          attempts: 1,
        },
      ],
      problems: [],
    },
    paths: ['1-plan', '1-work/text:writer', '1-work/judge:critic', 'synthesis'],
  },
};

describe.each(['anthropic', 'openai'] as const)('on the wire of %s', (wire: Wire) => {
  test.each(Object.entries(CASES))(
    '%s gives its output, and the same when it goes on from any of its rows',
    async (_name, { workflow, voices, input, output, paths }) => {
      await using world = await openPatterns(workflow, voices, { wire });
      const run = await world.run(input);
      expect(run.outcome).toMatchObject({ type: 'done', output });
      expect(pathsOf(run.events)).toEqual(paths);
      for (const outcome of await resumedOutcomes(world, run)) expect(outcome).toMatchObject({ output });
    },
  );
});

describe('the first that succeeds', () => {
  /** Ends when its turn comes: parts are told apart by how many steps they take. */
  const counting = (label: string, steps: number, fails = false): Part<Json, string> =>
    part('count', { label }, async (context) => {
      for (let step = 1; step <= steps; step += 1) await context.step(`step-${step}`, async () => step);
      if (fails) throw new Error(`${label} failed`);
      return label;
    });

  test('ends the others, and a resumed run takes the same', async () => {
    await using world = await openPatterns(
      first([counting('slow', 50), counting('broken', 1, true), counting('quick', 3)]),
      {},
    );
    const run = await world.run(null);
    expect(run.outcome).toMatchObject({ type: 'done', output: ['quick'] });
    for (const outcome of await resumedOutcomes(world, run))
      expect(outcome).toMatchObject({ output: ['quick'] });
  });

  test('a quorum that cannot be reached is an error that says why', async () => {
    await using world = await openPatterns(
      first([counting('a', 1, true), counting('b', 2, true), counting('c', 50)], { quorum: 2 }),
      {},
    );
    expect((await world.run(null)).outcome).toMatchObject({
      type: 'failed',
      error: {
        code: 'no-quorum',
        message: expect.stringMatching(/0 of 3 parts succeeded.*a failed b failed/),
      },
    });
  });

  test('one section that fails ends the others and the run', async () => {
    await using world = await openPatterns(
      parallel({ long: counting('long', 500), broken: counting('broken', 2, true) }),
      {},
    );
    const run = await world.run(null);
    expect(run.outcome).toMatchObject({ type: 'failed', error: { message: 'broken failed' } });
    const replay = await world.host.engine.replay(run.runId);
    expect(replay).toMatchObject({ type: 'identical' });
  });

  test('objects with the same keys in another order are the same vote', async () => {
    const says =
      (output: Json): Part<Json, Json> =>
      async () =>
        output;
    const parts = [says({ no: true }), says({ b: { d: 2, c: 1 }, a: 1 }), says({ a: 1, b: { c: 1, d: 2 } })];
    await using world = await openPatterns(vote(parts), {});
    const { outcome } = await world.run('');
    expect(outcome).toMatchObject({ type: 'done', output: { output: { a: 1 }, votes: 2, of: 3 } });
  });

  test('a part that fails has no vote, and is told among the ballots', async () => {
    const broken = part('work', { label: 'broken' }, async (): Promise<string> => {
      throw new Error('no opinion');
    });
    const yes = part('work', { label: 'sure' }, async () => 'yes');
    await using world = await openPatterns(vote([broken, yes]), {});
    expect((await world.run(null)).outcome).toMatchObject({
      type: 'done',
      output: {
        output: 'yes',
        votes: 1,
        of: 1,
        ballots: [
          { part: 'broken', type: 'failed', message: 'no opinion' },
          { part: 'sure', type: 'done', output: 'yes' },
        ],
      },
    });
  });

  test('a turn of a handoff tells what it came to, and not the conversation again', async () => {
    const agents = {
      desk: { description: 'Begins.', instructions: 'DESK', tools: [] },
      bills: { description: 'Money.', instructions: 'BILLS', tools: [] },
    };
    await using world = await openPatterns(handoff(agents, { start: 'desk' }), {
      DESK: () => calls('transfer_to_bills', { reason: 'Money.' }),
      BILLS: () => '5 euros',
    });
    const { events } = await world.run('What do I owe?');
    const outputs = events.flatMap((event) => (event.type === 'branch-end' ? [event.output] : []));
    expect(outputs).toEqual([{ transfer: { to: 'bills', reason: 'Money.' } }, { text: '5 euros' }]);
  });

  test('a map that is given no list says so', async () => {
    await using world = await openPatterns(map(writer), {});
    expect((await world.run('oak')).outcome).toMatchObject({
      type: 'failed',
      error: {
        code: 'input-invalid',
        message: expect.stringMatching(/^A map works on a list, and was given an input of the type "string"/),
      },
    });
  });

  test('of a map that collects, what failed is told in its place', async () => {
    const work = part('work', {}, async (_context, item: number) => {
      if (item === 2) throw new Error('two is broken');
      return item * 10;
    });
    await using world = await openPatterns(map(work, { onFailure: 'collect' }), {});
    expect((await world.run([1, 2, 3])).outcome).toMatchObject({
      type: 'done',
      output: [
        { type: 'done', output: 10 },
        { type: 'failed', message: 'two is broken' },
        { type: 'done', output: 30 },
      ],
    });
  });
});
