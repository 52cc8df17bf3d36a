/** Limits of parts within those of the run: time, depth, how much at once, and raising them when a run goes on. */
import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { agent, chain, named, parallel, type Part, part, vote } from '../../../../src/index.ts';
import type { Json } from '../../../../src/json.ts';
import { runPart } from '../../../../src/host/workflow/pattern/part.ts';
import type { StoredEvent } from '../../../../src/host/event.ts';
import { eventsOf } from '../../../fixtures/open-host.ts';
import { calls, openPatterns, resumedOutcomes } from './pattern-world.ts';

const SILENCE = { type: 'silence' } as const;

function partEnds(events: readonly StoredEvent[]): Record<string, string> {
  return Object.fromEntries(
    events.flatMap((event) => (event.type === 'branch-end' ? [[event.path, event.outcome]] : [])),
  );
}

describe('the time of a part', () => {
  test('ends that part alone, what is under way in it included, and the same when the run goes on', async () => {
    const slow = agent({ instructions: 'SLOW', tools: [], budget: { timeoutMs: 300 } });
    const fast = agent({ instructions: 'FAST', tools: [] });
    await using world = await openPatterns(vote([fast, slow]), { FAST: () => 'quick', SLOW: () => SILENCE });
    const run = await world.run('x');
    const expected = { type: 'done', output: { output: 'quick', votes: 1, of: 1 } };
    expect(run.outcome).toMatchObject(expected);
    expect(partEnds(run.events)).toEqual({ '1': 'done', '2': 'stopped' });
    expect(run.events.find((event) => event.type === 'branch-end' && event.path === '2')).toMatchObject({
      error: { code: 'limit-reached', message: 'The time limit of 0.3 s of "2" is reached.' },
    });
    for (const outcome of await resumedOutcomes(world, run)) expect(outcome).toMatchObject(expected);
  });

  test('that was up stays up when the run goes on, however fast it would be by then', async () => {
    let isSlow = true;
    const quick = agent({ name: 'quick', instructions: 'WORKER', tools: [], budget: { timeoutMs: 300 } });
    const lead = agent({
      instructions: 'LEAD',
      tools: [],
      agents: { worker: { description: 'works', workflow: quick } },
    });
    await using world = await openPatterns(lead, {
      WORKER: () => (isSlow ? SILENCE : 'quick'),
      LEAD: ({ toolResults }) => toolResults[0]?.text ?? calls('worker', { request: 'x' }),
    });
    const run = await world.run('x');
    const told = 'worker failed: The time limit of 0.3 s of "turn-1/call-1/worker" is reached.';
    expect(run.outcome).toMatchObject({ type: 'done', output: told });
    isSlow = false;
    const last = run.events.length + 3;
    for (let atRow = last; atRow > 0; atRow -= 1) {
      const { result } = await world.host.fork(run.runId, atRow);
      const outcome = await result;
      if (outcome.type !== 'done' || outcome.output !== told) {
        // Before it was written down that its time was up.
        expect(outcome).toMatchObject({ type: 'done', output: 'quick' });
        expect(atRow).toBeLessThan(last - 4);
        break;
      }
    }
  });

  test('that stopped the run can be raised, and nothing that was finished is worked again', async () => {
    let isSlow = true;
    const budget = { timeoutMs: 2_000 };
    await using world = await openPatterns(
      parallel({
        one: chain([
          agent({ name: 'first', instructions: 'FIRST', tools: [] }),
          agent({ name: 'second', instructions: 'SECOND', tools: [], budget }),
        ]),
        two: agent({ instructions: 'TWO', tools: [] }),
      }),
      {
        FIRST: () => 'first',
        SECOND: () => (isSlow ? SILENCE : 'second'),
        TWO: () => 'two',
      },
    );
    const run = await world.run('x');
    expect(run.outcome).toMatchObject({
      type: 'stopped',
      limit: 'time',
      branch: 'one/2:second',
      maximum: 2_000,
    });
    const { achieved } = run.outcome as Extract<typeof run.outcome, { type: 'stopped' }>;
    expect(achieved.parts.map(({ path }) => path).toSorted()).toEqual(['one/1:first', 'two']);
    const brokenOff = world.model.requests.find(({ system }) => system.startsWith('SECOND'));
    expect(await brokenOff?.closed).toBe('aborted');
    isSlow = false;
    const again = await world.host.resume(run.runId, { budget: { timeoutMs: 40_000 } });
    const events = await eventsOf(again);
    expect(await again.result).toMatchObject({ type: 'done', output: { one: 'second', two: 'two' } });
    expect(world.model.requests.map(({ system }) => system.split('\n')[0])).toEqual(
      expect.arrayContaining(['FIRST', 'TWO', 'SECOND', 'SECOND']),
    );
    expect(world.model.requests).toHaveLength(4);
    expect(
      events.findLast((event) => event.type === 'branch-end' && event.path === 'one/2:second'),
    ).toMatchObject({
      outcome: 'done',
    });
    expect(await world.host.engine.replay(run.runId)).toMatchObject({ type: 'identical', complete: true });
  });
});

test('money of a part that stopped the run is raised for that part, and the run keeps its own', async () => {
  const price = { inputUsdPerMillion: 100, outputUsdPerMillion: 100 };
  const twice = agent({ instructions: 'TWICE', tools: [], budget: { maxUsd: 0.01 } });
  const others = Object.fromEntries(
    ['a', 'b', 'c', 'd', 'e'].map((name) => [name, agent({ instructions: 'OTHER', tools: [] })]),
  );
  await using world = await openPatterns(
    parallel({ twice, ...others }, { concurrency: 2 }),
    {
      TWICE: ({ toolResults }) => (toolResults.length === 0 ? calls('nobody', {}) : 'twice'),
      OTHER: () => 'other',
    },
    { price },
  );
  const run = await world.run('x', { maxUsd: 5 });
  expect(run.outcome).toMatchObject({ type: 'stopped', limit: 'usd', branch: 'twice', maximum: 0.01 });
  const asked = world.model.requests.length;
  expect(asked).toBeLessThan(7);
  const again = await world.host.resume(run.runId, { budget: { maxUsd: 0.05 } });
  const output = Object.fromEntries(Object.keys(others).map((name) => [name, 'other']));
  expect(await again.result).toMatchObject({ type: 'done', output: { twice: 'twice', ...output } });
  expect(world.model.requests).toHaveLength(7);
  expect(await world.host.engine.describe(run.runId)).toMatchObject({ budget: { maxUsd: 5 } });
  const replay = await world.host.engine.replay(run.runId);
  expect(replay).toMatchObject({ type: 'identical', complete: true });
  // As after a crash at each of its rows: from where it was raised on it stays so.
  const events = (await eventsOf(again)).filter((event) => 'number' in event).length;
  const rows = events + (replay.type === 'identical' ? replay.steps : 0);
  const outcomes: string[] = [];
  for (let atRow = 1; atRow <= rows; atRow += 1) {
    const outcome = await (await world.host.fork(run.runId, atRow)).result;
    outcomes.push(outcome.type);
    if (outcome.type === 'done') expect(outcome.output).toEqual({ twice: 'twice', ...output });
  }
  expect(outcomes.lastIndexOf('stopped')).toBeLessThan(outcomes.indexOf('done'));
  expect(new Set(outcomes)).toEqual(new Set(['stopped', 'done']));
});

describe('parts one in the other', () => {
  const within: Part<Json, Json> = part('within', {}, async (context, input) =>
    runPart(context, 'in', within, input),
  );

  test('are stopped where they are too deep, with the path of the one that was too much', async () => {
    await using world = await openPatterns(within, {});
    const handle = await world.host.run('main', 'x', { budget: { maxDepth: 4 } });
    expect(await handle.result).toMatchObject({
      type: 'stopped',
      limit: 'depth',
      maximum: 4,
      branch: 'in/in/in/in/in',
      message: '"in/in/in/in/in" would be part 5 of parts one in the other, and no more than 4 may be.',
    });
    expect(await world.host.engine.replay(handle.id)).toMatchObject({ type: 'identical' });
  });

  test('are a failure of the tool for the agent that called it', async () => {
    const lead = agent({
      instructions: 'LEAD',
      tools: [],
      agents: { deep: { description: 'goes deep', workflow: within } },
    });
    await using world = await openPatterns(lead, {
      LEAD: ({ toolResults }) => toolResults[0]?.text ?? calls('deep', { request: 'x' }),
    });
    const handle = await world.host.run('main', 'x', { budget: { maxDepth: 3 } });
    expect(await handle.result).toMatchObject({
      type: 'done',
      output: expect.stringMatching(/^deep failed: .* no more than 3 may be\.$/),
    });
  });
});

test('no more models than allowed are asked at once, however parts side by side are nested', async () => {
  let now = 0;
  let most = 0;
  const worker = agent({ instructions: 'WORKER', tools: [] });
  const three = parallel({ a: worker, b: worker, c: worker });
  await using world = await openPatterns(
    parallel({
      one: three,
      two: named('limited', three, { budget: { maxConcurrency: 1 } }),
      three,
      four: three,
    }),
    {
      async WORKER() {
        now += 1;
        most = Math.max(most, now);
        await delay(50);
        now -= 1;
        return 'done';
      },
    },
  );
  const handle = await world.host.run('main', 'x', { budget: { maxConcurrency: 3 } });
  expect(await handle.result).toMatchObject({ type: 'done' });
  expect(world.model.requests).toHaveLength(12);
  expect(most).toBe(3);
});
