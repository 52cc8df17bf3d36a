import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { agent } from '../../../../src/host/workflow/pattern/agent.ts';
import type { Part } from '../../../../src/host/workflow/pattern/part.ts';
import { byModel, route, type RouteOptions } from '../../../../src/host/workflow/pattern/route.ts';
import { bySimilarity } from '../../../../src/host/workflow/pattern/similarity.ts';
import type { Json } from '../../../../src/json.ts';
import { requireEmbedder } from '../../../fixtures/embedder.ts';
import { calls, openPatterns, resumedOutcomes, type Voices } from './pattern-world.ts';

const NOWHERE = join(import.meta.dirname, 'no-such-folder');

const VOICES: Voices = {
  WEATHER: ({ userText }) => `sky: ${userText}`,
  BILLS: ({ userText }) => `paid: ${userText}`,
};

function desk(
  options: Omit<RouteOptions<Json>, 'by'> & Partial<Pick<RouteOptions<Json>, 'by'>>,
): Part<Json, Json> {
  return route<Json, Json>(
    {
      weather: {
        description: 'Weather, rain, wind and forecasts.',
        examples: ['Will it rain tomorrow?', 'How warm is it in Bonn?'],
        workflow: agent({ name: 'weather', instructions: 'WEATHER', tools: [] }),
      },
      bills: {
        description: 'Invoices, payments and refunds.',
        examples: ['I was charged twice.', 'Where is my invoice?'],
        workflow: agent({ name: 'bills', instructions: 'BILLS', tools: [] }),
      },
    },
    { by: bySimilarity(), ...options },
  );
}

describe('a route by similarity', () => {
  test('takes what is nearest in meaning, without asking a model, and the same when the run goes on', async () => {
    await using world = await openPatterns(desk({}), VOICES, { embedder: requireEmbedder() });
    const run = await world.run('My credit card was debited two times for one order');
    expect(run.outcome).toMatchObject({
      type: 'done',
      output: 'paid: My credit card was debited two times for one order',
    });
    expect(world.model.requests).toHaveLength(1);
    const [told] = run.events.filter(({ type }) => type === 'route');
    expect(told).toMatchObject({
      by: 'similarity',
      chosen: 'bills',
      taken: 'bills',
      reason: expect.stringMatching(
        /^It is near "I was charged twice\." \(0\.\d\d\); next is weather \(-?0\.\d\d\)\.$/,
      ),
    });
    expect((told as { confidence: number }).confidence).toBeGreaterThan(0.8);
    for (const outcome of await resumedOutcomes(world, run)) expect(outcome).toMatchObject({ type: 'done' });
  });

  test('asks a model where it is not sure, and says both reasons', async () => {
    const by = bySimilarity({ unsure: byModel(), below: 0.99 });
    await using world = await openPatterns(
      desk({ by }),
      {
        ...VOICES,
        'You decide': ({ system }) =>
          calls('answer', {
            route: system.includes('For example "Will it rain tomorrow?"') ? 'weather' : 'bills',
            confidence: 0.9,
            reason: 'It is about the sky.',
          }),
      },
      { embedder: requireEmbedder() },
    );
    const run = await world.run('Tell me something about clouds and money');
    expect(run.outcome).toMatchObject({ output: 'sky: Tell me something about clouds and money' });
    expect(run.events.find(({ type }) => type === 'route')).toMatchObject({
      reason: expect.stringMatching(/^It is about the sky\. By similarity alone: It is near "/),
    });
    for (const outcome of await resumedOutcomes(world, run))
      expect(outcome).toMatchObject({ output: 'sky: Tell me something about clouds and money' });
  });

  test('of what is near to nothing takes the route for the rest', async () => {
    await using world = await openPatterns(desk({ otherwise: 'bills', minConfidence: 0.75 }), VOICES, {
      embedder: requireEmbedder(),
    });
    const run = await world.run('qwertz');
    expect(run.events.find(({ type }) => type === 'route')).toMatchObject({ taken: 'bills' });
    expect(run.outcome).toMatchObject({ output: 'paid: qwertz' });
  });

  test('without an embedder says so, and takes the route for the rest where there is one', async () => {
    await using world = await openPatterns(desk({ otherwise: 'weather' }), VOICES, { embedder: NOWHERE });
    const run = await world.run('I was charged twice.');
    expect(run.outcome).toMatchObject({ output: 'sky: I was charged twice.' });
    expect(run.events.find(({ type }) => type === 'route')).toMatchObject({
      taken: 'weather',
      confidence: 0,
      reason: expect.stringContaining('The embedder is not there'),
    });
    await using strict = await openPatterns(desk({}), VOICES, { embedder: NOWHERE });
    expect((await strict.run('I was charged twice.')).outcome).toMatchObject({
      type: 'failed',
      error: { code: 'no-route', message: expect.stringContaining('The embedder is not there') },
    });
  });

  test('an empty request is near to nothing', async () => {
    await using world = await openPatterns(desk({}), VOICES, { embedder: requireEmbedder() });
    expect((await world.run('  ')).outcome).toMatchObject({
      type: 'failed',
      error: { code: 'no-route', message: expect.stringContaining('There is no text to compare.') },
    });
  });
});
