import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type ConfigFolder, configFolder, failureOf } from './config-folder.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = configFolder();
});
afterEach(() => folder[Symbol.dispose]());

const load = (models: unknown) => folder.loadText(JSON.stringify({ models }, null, 1));

describe('a fault is told with its place and what there is', () => {
  test.each([
    ['nothing', { a: { maxTools: 3 } }, 'models.a', 'names no model. It takes one of model, route, cascade'],
    [
      'two things at once',
      { a: { model: 'openai/x', route: { candidates: ['fast'] } } },
      'models.a',
      'is model and route at once',
    ],
    [
      'a key that belongs to one model',
      { a: { apiKey: 'k', route: { candidates: ['fast'] } } },
      'models.a.apiKey',
      'belongs to one model',
    ],
    [
      'an alias that is not there',
      { quick: 'openai/x', a: { route: { candidates: ['quic'] } } },
      'models.a.route.candidates[0]',
      "unknown alias 'quic'. Known: default, quick, fast, smart, cheap, local. Did you mean 'quick'?",
    ],
    [
      'itself',
      { a: { route: { candidates: [{ model: 'a' }] } } },
      'models.a.route.candidates[0].model',
      'is the alias that it stands in',
    ],
    [
      'a route among the candidates',
      { a: { route: { candidates: ['b', 'fast'] } }, b: { route: { candidates: ['fast'] } } },
      'models.a.route.candidates[0]',
      "'b' is a route itself",
    ],
    [
      'a key of a model beside an alias',
      { a: { route: { candidates: [{ model: 'fast', maxTools: 3 }] } } },
      'models.a.route.candidates[0].maxTools',
      "belongs to a model, and 'fast' is an alias",
    ],
    [
      'an unknown key',
      { a: { route: { candidates: ['fast'], wieghts: {} } } },
      'models.a.route.wieghts',
      'unknown key',
    ],
    [
      'an unknown measure',
      { a: { route: { candidates: ['fast'], by: ['latncy'] } } },
      'models.a.route.by[0]',
      "Did you mean 'latency'?",
    ],
    [
      'a strength above 100',
      { a: { route: { candidates: [{ model: 'fast', upTo: 101 }] } } },
      'models.a.route.candidates[0].upTo',
      'a number of at most 100',
    ],
    ['a cascade of one', { a: { cascade: ['fast'] } }, 'models.a.cascade', 'at least 2 items'],
    [
      'an alias of a cascade that is not there',
      { a: { cascade: ['fast', 'smrt'] } },
      'models.a.cascade[1]',
      "unknown alias 'smrt'",
    ],
    [
      'a judge that is not there',
      { a: { cascade: ['fast', 'smart'], accept: { judge: { model: 'juge' } } } },
      'models.a.accept.judge.model',
      "unknown alias 'juge'",
    ],
    [
      'a cascade in a route',
      { a: { route: { candidates: ['b', 'fast'] } }, b: { cascade: ['fast', 'smart'] } },
      'models.a.route.candidates[0]',
      "'b' is a cascade itself",
    ],
    [
      'conditions without a cascade',
      { a: { model: 'openai/x', accept: {} } },
      'models.a.accept',
      'belongs to a cascade',
    ],
    [
      'a pattern that is none',
      { a: { cascade: ['fast', 'smart'], accept: { lacks: '(' } } },
      'models.a.accept.lacks',
      'is no pattern of RE2',
    ],
    ['no candidates', { a: { route: { candidates: [] } } }, 'models.a.route.candidates', 'at least 1 items'],
  ])('%s', async (_, models, path, message) => {
    const error = await failureOf(load(models));
    expect(error).toMatchObject({ code: 'config-invalid', data: { problems: [{ path }] } });
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/\d+:\d+ models\.a/);
  });
});

test('a route is read: aliases, models, what they are good at, and what counts', async () => {
  const { models } = await load({
    auto: {
      route: {
        candidates: ['cheap', { model: 'openai/x', upTo: 60, goodAt: ['code'], maxTools: 9 }, 'anthropic/y'],
        by: ['complexity', 'cost'],
        outputTokens: 900,
      },
    },
    near: { route: { candidates: [{ model: 'local/mine', file: 'mine.gguf' }], by: { latency: 2 } } },
  });
  expect(models).toEqual({
    auto: {
      type: 'route',
      candidates: [
        { model: { alias: 'cheap' } },
        { model: { model: 'openai/x', maxTools: 9 }, upTo: 60, goodAt: ['code'] },
        { model: { model: 'anthropic/y' } },
      ],
      by: { complexity: 1, cost: 1 },
      outputTokens: 900,
    },
    near: {
      type: 'route',
      candidates: [{ model: { model: 'local/mine', file: expect.stringMatching(/^\/.*mine\.gguf$/) } }],
      by: { latency: 2 },
    },
  });
});

test('a cascade is read: its models, and what an answer has to be', async () => {
  const accept = { empty: false, matches: 'https?://', judge: { model: 'fast', instructions: 'Sources.' } };
  const { models } = await load({
    careful: { cascade: ['cheap', { model: 'openai/x', maxTools: 9 }], accept },
  });
  expect(models).toEqual({
    careful: {
      type: 'cascade',
      models: [{ alias: 'cheap' }, { model: 'openai/x', maxTools: 9 }],
      accept: { ...accept, judge: { model: { alias: 'fast' }, instructions: 'Sources.' } },
    },
  });
});

test('what a candidate of a route reaches has to be accepted like that of any model', async () => {
  const candidate = { model: 'openai/x', baseUrl: 'https://elsewhere.example/v1', apiKey: 'k' };
  const of = async (models: unknown) => (await load(models)).source?.launches;
  expect(await of({ a: { route: { candidates: ['fast', 'openai/x'] } } })).toEqual([]);
  const asked = [{ id: 'models.a', summary: 'model, asks https://elsewhere.example/v1' }];
  expect(await of({ a: { route: { candidates: ['fast', candidate] } } })).toMatchObject(asked);
  expect(await of({ a: { cascade: [candidate, 'smart'] } })).toMatchObject(asked);
});
