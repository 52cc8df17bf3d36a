import { describe, expect, test } from 'vitest';

import { agent } from '../../../../src/host/workflow/pattern/agent.ts';
import { chain, gate } from '../../../../src/host/workflow/pattern/chain.ts';
import { handoff, team } from '../../../../src/host/workflow/pattern/handoff.ts';
import { orchestrate, type OrchestrateOptions } from '../../../../src/host/workflow/pattern/orchestrate.ts';
import { parallel } from '../../../../src/host/workflow/pattern/parallel.ts';
import { byRules, route } from '../../../../src/host/workflow/pattern/route.ts';
import { linesOf } from '../../../fixtures/agent-tools.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { calls, openPatterns, type Voices } from './pattern-world.ts';

const writer = agent({ name: 'writer', instructions: 'WRITER', tools: [] });

describe('an agent', () => {
  test('cannot call a tool that it was not given, though the catalog has it', async () => {
    await using folder = await temporaryFolder('pattern');
    const ledger = `${folder.path}/ledger`;
    await using world = await openPatterns(
      agent({ instructions: 'ORDERS', tools: ['tools__weather'] }),
      {
        ORDERS: ({ toolResults }) =>
          toolResults.length === 0
            ? calls('tools__order', { thing: 'a piano' })
            : (toolResults.map(({ text }) => text).join() ?? ''),
      },
      { ledger },
    );
    const { outcome } = await world.run('Buy a piano.');
    expect(outcome).toMatchObject({
      type: 'done',
      output: 'There is no tool tools__order here. There are: tools__weather.',
    });
    expect(linesOf(ledger)).toEqual([]);
  });

  test('that answers in words is told to use its shape, and JSON in words that fits is taken', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const replies = [
      'It is Bonn.',
      '```json\n{"town": "Bonn"}\n```',
      'Here:\n```json\n{"city": "Bonn"}\n```',
    ];
    const heard: string[] = [];
    await using world = await openPatterns(agent({ instructions: 'SHAPE', tools: [], output: schema }), {
      SHAPE: ({ userText }) => {
        heard.push(userText);
        return replies[heard.length - 1] ?? 'no more';
      },
    });
    expect((await world.run('Which city?')).outcome).toMatchObject({
      type: 'done',
      output: { city: 'Bonn' },
    });
    expect(heard[1]).toContain('Give your answer by calling answer.');
    expect(heard[2]).toContain('"city" is missing');
  });

  test('that never comes to its shape fails and says what is wrong with it', async () => {
    await using world = await openPatterns(
      agent({ instructions: 'SHAPE', tools: [], output: { type: 'object', properties: {} } }),
      { SHAPE: () => 'I would rather talk.' },
    );
    expect((await world.run('Which city?')).outcome).toMatchObject({
      type: 'failed',
      error: { code: 'output-invalid', message: expect.stringContaining('answered 3 times in words') },
    });
  });

  test('whose call of its shape does not fit is told so and may mend it', async () => {
    await using world = await openPatterns(
      agent({
        instructions: 'SHAPE',
        tools: [],
        output: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
      }),
      {
        SHAPE: ({ toolResults }) =>
          calls('answer', { n: toolResults.some(({ isError }) => isError) ? 3 : 'three' }),
      },
    );
    expect((await world.run('How many?')).outcome).toMatchObject({ type: 'done', output: { n: 3 } });
  });

  test('as a tool that fails is told to the one who called it, and so is one at its own limit', async () => {
    const broken = agent({ instructions: 'BROKEN', tools: [] });
    const tired = agent({ instructions: 'TIRED', tools: ['tools__weather'], budget: { maxTurns: 2 } });
    await using world = await openPatterns(
      team(
        { instructions: 'BOSS', tools: [] },
        {
          broken: { description: '', workflow: broken },
          tired: { description: '', workflow: tired },
        },
      ),
      {
        BOSS: ({ toolResults }) => {
          if (toolResults.length === 0) return calls('broken', { request: 'x' });
          if (toolResults.length === 1) return calls('tired', { request: 'y' });
          return toolResults.map(({ text }) => text).join(' | ');
        },
        BROKEN: () => ({ type: 'answer', text: '' }),
        TIRED: ({ toolResults }) => calls('tools__weather', { city: `City ${toolResults.length}` }),
      },
    );
    expect((await world.run('Go.')).outcome).toMatchObject({
      type: 'done',
      output: expect.stringMatching(
        /^broken failed: .*answered with nothing.* \| tired failed: The limit of 2 turns of "turn-2\/call-1\/tired" is reached\.$/,
      ),
    });
  });
});

test('a gate that does not open ends the run with what it said', async () => {
  await using world = await openPatterns(
    chain([writer, gate<string>('long enough', (text) => text.length > 100 || 'It is too short.'), writer]),
    { WRITER: () => 'short' },
  );
  expect((await world.run('x')).outcome).toMatchObject({
    type: 'failed',
    error: { code: 'gate-closed', message: 'The gate "long enough" did not open: It is too short.' },
  });
  expect(world.model.requests).toHaveLength(1);
});

test('a request that fits no route is an error that names the routes', async () => {
  await using world = await openPatterns(
    route({ trees: { description: '', workflow: writer } }, { by: byRules({ trees: /oak/ }) }),
    {},
  );
  expect((await world.run('money')).outcome).toMatchObject({
    type: 'failed',
    error: { code: 'no-route', message: expect.stringContaining('There are trees;') },
  });
});

test('agents that hand over for ever are stopped, and it is said who they were', async () => {
  const ping = { description: 'a', instructions: 'PING', tools: [] };
  const pong = { description: 'b', instructions: 'PONG', tools: [] };
  await using world = await openPatterns(handoff({ ping, pong }, { start: 'ping', maxHandoffs: 4 }), {
    PING: () => calls('transfer_to_pong', { reason: 'yours' }),
    PONG: () => calls('transfer_to_ping', { reason: 'no, yours' }),
  });
  expect((await world.run('x')).outcome).toMatchObject({
    type: 'stopped',
    limit: 'repeats',
    message: expect.stringContaining('handed over 5 times, last from ping to pong'),
  });
  expect(() => handoff({ ping, pong }, { start: 'pang' })).toThrow('There is no agent "pang"');
});

describe('an orchestrator', () => {
  const task = (id: string, more: object = {}) => ({
    id,
    worker: 'writer',
    request: `Write ${id}.`,
    dependsOn: [],
    ...more,
  });
  const withPlans = (
    plans: readonly object[][],
    voices: Voices = {},
    options: Partial<OrchestrateOptions> = {},
  ) => {
    const asked: string[] = [];
    const world = openPatterns(
      orchestrate({
        workers: {
          writer: { description: 'Writes.', workflow: writer },
          broken: { description: 'Fails.', workflow: agent({ instructions: 'BROKEN', tools: [] }) },
        },
        ...options,
      }),
      {
        'You divide': ({ userText }) => {
          asked.push(userText);
          const tasks = plans[Math.min(asked.length, plans.length) - 1] ?? [];
          return calls('answer', { tasks: tasks as never });
        },
        'You make one': ({ userText }) => userText,
        WRITER: ({ userText }) => `done: ${userText.split('\n')[0]}`,
        BROKEN: () => ({ type: 'answer', text: '' }),
        ...voices,
      },
    );
    return { world, asked };
  };

  test('whose plans go in circles is told so, and what of the last can be done is done', async () => {
    const circle = [task('a', { dependsOn: ['b'] }), task('b', { dependsOn: ['a'] }), task('c')];
    const { world: opening, asked } = withPlans([circle]);
    await using world = await opening;
    const { outcome, events } = await world.run('Go.');
    expect(asked).toHaveLength(3);
    expect(asked[1]).toContain('Task "a" depends on tasks that depend on it.');
    expect(outcome).toMatchObject({
      type: 'done',
      output: { tasks: [{ id: 'c', type: 'done' }], problems: [expect.any(String), expect.any(String)] },
    });
    expect(events.filter(({ type }) => type === 'plan')).toHaveLength(3);
  });

  test('that names a worker who is not there is told who is, and may plan anew', async () => {
    const { world: opening, asked } = withPlans([
      [task('a', { worker: 'painter' }), task('b/c')],
      [task('a')],
    ]);
    await using world = await opening;
    expect((await world.run('Go.')).outcome).toMatchObject({
      type: 'done',
      output: { tasks: [{ id: 'a', type: 'done' }], problems: [] },
    });
    expect(asked[1]).toContain('Task "a" is for "painter"; there are writer, broken.');
    expect(asked[1]).toContain('"b/c" is no id');
  });

  test('that plans 200 tasks does as many as it may, and says that others were left out', async () => {
    const many = Array.from({ length: 200 }, (_, index) => task(`t${index}`));
    const { world: opening } = withPlans([many], {}, { maxTasks: 5, maxPlans: 2 });
    await using world = await opening;
    const { outcome } = await world.run('Go.');
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
    const { tasks, problems } = outcome.output as { tasks: unknown[]; problems: string[] };
    expect(tasks).toHaveLength(5);
    expect(problems.join()).toContain('has 200 tasks and may have 5');
  });

  test('whose worker fails three times goes on without it, and the answer knows what is missing', async () => {
    const plan = [task('a'), task('x', { worker: 'broken' }), task('y', { dependsOn: ['x'] })];
    const { world: opening, asked } = withPlans([plan, [task('z')]]);
    await using world = await opening;
    const { outcome } = await world.run('Go.');
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
    expect(asked[1]).toMatch(/x \(broken\): failed.*\n- y \(writer\): skipped, It needs "x"/);
    expect(outcome.output).toMatchObject({
      tasks: [
        { id: 'a', type: 'done' },
        { id: 'z', type: 'done' },
      ],
    });
  });

  test('of which nothing came to its end is an error that says why', async () => {
    const { world: opening } = withPlans([[task('x', { worker: 'broken' })]], {}, { maxPlans: 1 });
    await using world = await opening;
    expect((await world.run('Go.')).outcome).toMatchObject({
      type: 'failed',
      error: { code: 'nothing-achieved', message: expect.stringContaining('x (broken): failed') },
    });
  });
});

test('a team at the limit of its money stops before it is passed by more than one call, and tells what it achieved', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`part-${index}`, agent({ instructions: 'WRITER', tools: [] })]),
  );
  await using world = await openPatterns(
    parallel(many, { concurrency: 10 }),
    { WRITER: () => ({ type: 'answer', text: 'text', usage: { inputTokens: 100, outputTokens: 400 } }) },
    { price: { inputUsdPerMillion: 15.625, outputUsdPerMillion: 15.625 } },
  );
  const { outcome, events } = await world.run('x', { maxUsd: 0.0625 });
  expect(outcome).toMatchObject({ type: 'stopped', limit: 'usd' });
  expect(outcome.totals.costUsd).toBe(0.0625);
  const achieved = events.flatMap((event) => (event.type === 'branch-end' ? [event.outcome] : []));
  expect(achieved).toEqual(Array.from({ length: 8 }, () => 'done'));
});
