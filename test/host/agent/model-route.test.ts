import { describe, expect, test } from 'vitest';

import type { Config } from '../../../src/config/config.ts';
import type { ModelCandidate } from '../../../src/config/model-candidate.ts';
import type { ModelRoute, RoutePart } from '../../../src/config/model-entry.ts';
import type { RunHandle } from '../../../src/host/engine/engine.ts';
import type { StoredEvent } from '../../../src/host/event.ts';
import type { ModelMessage } from '../../../src/host/model/model.ts';
import { part } from '../../../src/host/workflow/pattern/part.ts';
import { agentTools, callThenAnswer } from '../../fixtures/agent-tools.ts';
import type { ModelReply, ModelServer } from '../../fixtures/model/model-server.ts';
import { eventsOf, openTestHost, TEST_KEY, type TestHostOptions } from '../../fixtures/open-host.ts';
import { oversizedServer } from '../../fixtures/oversized-server.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const PRICE = { inputUsdPerMillion: 1, outputUsdPerMillion: 5 };
const PICTURE: ModelMessage = {
  role: 'user',
  content: [
    { type: 'text', text: 'See this.' },
    { type: 'image', mimeType: 'image/png', base64: 'iVBORw0KGgo=' },
  ],
};

interface Made extends Omit<RoutePart, 'model'>, Partial<ModelCandidate> {
  readonly model: string;
}

/** `auto` of these candidates, each by the wire that its name begins with, with a price unless it says another. */
function routeOf(
  made: readonly Made[],
  more: Partial<ModelRoute> = {},
): NonNullable<TestHostOptions['modelsOn']> {
  return (server: ModelServer): Config['models'] => ({
    auto: {
      type: 'route',
      candidates: made.map(({ upTo, goodAt, ...candidate }) => ({
        model: {
          price: PRICE,
          apiKey: TEST_KEY,
          baseUrl: candidate.model.startsWith('anthropic/') ? server.url : server.openaiUrl,
          ...candidate,
        },
        ...(upTo === undefined ? {} : { upTo }),
        ...(goodAt === undefined ? {} : { goodAt }),
      })),
      ...more,
    },
  });
}

const BOTH = [
  { model: 'anthropic/weak' },
  { model: 'openai/strong', price: { inputUsdPerMillion: 9, outputUsdPerMillion: 45 } },
];
const answers = (): ModelReply => ({ type: 'answer', text: 'Done.' });

async function told(handle: RunHandle) {
  const events = (await eventsOf(handle)).filter((event): event is StoredEvent => 'number' in event);
  return {
    outcome: await handle.result,
    events,
    routes: events.filter((event) => event.type === 'model-route'),
  };
}

describe('a request that no candidate can take', () => {
  test('fails, says of each why, and asks none', async () => {
    await using opened = await openTestHost({
      script: answers,
      modelsOn: routeOf([
        { model: 'openai/blind', accepts: [] },
        { model: 'anthropic/blind', accepts: [] },
      ]),
    });
    const run = await told(await opened.host.ask('And?', { model: 'auto', history: [PICTURE] }));
    expect(run.outcome).toMatchObject({
      type: 'failed',
      error: {
        code: 'no-model-fits',
        message: expect.stringMatching(
          /openai\/blind \(takes no images\), anthropic\/blind \(takes no images\)/,
        ),
      },
    });
    expect(opened.model.requests).toEqual([]);
  });

  test('under a money limit: all prices unknown', async () => {
    await using opened = await openTestHost({
      script: answers,
      modelsOn: (server) => ({
        auto: {
          type: 'route',
          candidates: [{ model: { model: 'openai/unpriced', baseUrl: server.openaiUrl } }],
        },
      }),
    });
    const handle = await opened.host.ask('Hello?', { model: 'auto', budget: { maxUsd: 1 } });
    expect((await told(handle)).outcome).toMatchObject({
      type: 'failed',
      error: { message: expect.stringContaining('openai/unpriced (has an unknown price') },
    });
    expect(opened.model.requests).toEqual([]);
  });
});

describe('a candidate', () => {
  test('without a key is left out, and so is an alias that nothing answers to', async () => {
    await using opened = await openTestHost({
      script: answers,
      modelsOn: (server) => ({
        auto: {
          type: 'route',
          candidates: [
            { model: { model: 'groq/keyless' } },
            { model: { alias: 'smart' } },
            { model: { model: 'openai/there', baseUrl: server.openaiUrl } },
          ],
        },
      }),
    });
    const { routes, outcome } = await told(await opened.host.ask('Hello?', { model: 'auto' }));
    expect(outcome).toMatchObject({ type: 'done', output: { model: 'openai/there' } });
    expect(routes).toMatchObject([
      {
        alias: 'auto',
        model: 'openai/there',
        candidates: [
          { name: 'groq/keyless', leftOut: 'no key: set GROQ_API_KEY' },
          { name: 'smart', leftOut: 'is not in reach' },
          { name: 'openai/there', score: expect.any(Number) },
        ],
      },
    ]);
  });

  test('of unknown price does not answer under a money limit, and what was spent is the chosen one’s', async () => {
    const route = routeOf([{ model: 'openai/dear' }]);
    await using opened = await openTestHost({
      script: answers,
      modelsOn: (server) => {
        const auto = route(server)['auto'] as ModelRoute;
        const unpriced = { model: { model: 'anthropic/unpriced', baseUrl: server.url, apiKey: TEST_KEY } };
        return { auto: { ...auto, candidates: [unpriced, ...auto.candidates] } };
      },
    });
    const free = await told(await opened.host.ask('Hello?', { model: 'auto' }));
    expect(free.outcome).toMatchObject({ output: { model: 'anthropic/unpriced' } });
    const { outcome, events } = await told(
      await opened.host.ask('Hello?', { model: 'auto', budget: { maxUsd: 1 } }),
    );
    expect(outcome).toMatchObject({ type: 'done', output: { model: 'openai/dear' } });
    expect(events.at(-1)).toMatchObject({ totals: { costUsd: (100 * 1 + 20 * 5) / 1e6 } });
  });

  test('that fails is stood in for by the next that can take the request', async () => {
    await using opened = await openTestHost({
      script: ({ model }) => (model === 'weak' ? { type: 'failure', status: 400 } : answers()),
      modelsOn: routeOf([
        { model: 'anthropic/weak' },
        { model: 'openai/blind', accepts: [] },
        { model: 'openai/strong' },
      ]),
    });
    const { outcome, routes } = await told(
      await opened.host.ask('And?', { model: 'auto', history: [PICTURE] }),
    );
    expect(outcome).toMatchObject({ output: { model: 'openai/strong' } });
    expect(routes[0]?.model).toBe('anthropic/weak');
    expect(opened.model.requests.map(({ model }) => model)).toEqual(['weak', 'strong']);
  });
});

describe('a provider that is left alone for a while', () => {
  test('is not chosen, and the reason is its own', async () => {
    await using opened = await openTestHost({
      script: ({ model }) => (model === 'one' ? { type: 'failure', status: 501 } : answers()),
      modelsOn: routeOf([{ model: 'anthropic/one' }, { model: 'openai/two' }], { by: { cost: 1 } }),
    });
    const chosen: (string | undefined)[] = [];
    let leftOut: string | undefined;
    for (let run = 0; run < 7 && leftOut === undefined; run += 1) {
      const { routes, outcome } = await told(await opened.host.ask('Hello?', { model: 'auto' }));
      expect(outcome).toMatchObject({ output: { model: 'openai/two' } });
      chosen.push(routes[0]?.model);
      leftOut = routes[0]?.candidates[0]?.leftOut;
    }
    expect(chosen[0]).toBe('anthropic/one');
    expect(chosen.at(-1)).toBe('openai/two');
    expect(leftOut).toMatch(/not asked, because anthropic at .* failed \d+ times in a row/);
  });
});

describe('the choice', () => {
  test.each([
    ['What is 2+2', 'anthropic/weak'],
    [
      'Refactor src/pay.ts into three services, then migrate the unit tests, and explain the trade-offs. Also design a plan and debug the race condition, without changing the schema.',
      'openai/strong',
    ],
  ])('of “%s” is %s, with its reasons', async (request, expected) => {
    await using opened = await openTestHost({ script: answers, modelsOn: routeOf(BOTH) });
    const { outcome, routes } = await told(await opened.host.ask(request, { model: 'auto' }));
    expect(outcome).toMatchObject({ output: { model: expected } });
    expect(routes).toHaveLength(1);
    expect((routes[0]?.complexity.score ?? 0) > 50).toBe(expected === 'openai/strong');
    expect(routes[0]?.candidates.flatMap(({ reasons }) => reasons).join('; ')).toMatch(/cost: about \$0\.0/);
  });

  test('of a request with a picture is the one that takes pictures', async () => {
    await using opened = await openTestHost({
      script: answers,
      modelsOn: routeOf([{ model: 'openai/blind', accepts: [] }, { model: 'anthropic/sees' }]),
    });
    await told(await opened.host.ask('And?', { model: 'auto', history: [PICTURE] }));
    await told(await opened.host.ask('And?', { model: 'auto' }));
    expect(opened.model.requests.map(({ model }) => model)).toEqual(['sees', 'blind']);
  });

  test('holds for the whole loop, though the other one would be faster by now', async () => {
    const script = callThenAnswer([
      ['tools__weather', { city: 'Oslo' }],
      ['tools__weather', { city: 'Bergen' }],
    ]);
    await using opened = await openTestHost({
      servers: [agentTools()],
      script: async (request, n) => ({ ...(await script(request, n)), delayMs: 20 }) as ModelReply,
      modelsOn: routeOf([{ model: 'anthropic/one' }, { model: 'openai/two' }], { by: { latency: 1 } }),
    });
    const first = await told(await opened.host.ask('How warm is it?', { model: 'auto' }));
    expect(first.routes).toHaveLength(1);
    expect(opened.model.requests.map(({ model }) => model)).toEqual(['one', 'one', 'one']);
    // What one took is known now, and the other is not measured yet.
    const second = await told(await opened.host.ask('How warm is it?', { model: 'auto' }));
    expect(second.routes[0]?.model).toBe('openai/two');
    expect(second.routes[0]?.candidates[0]?.reasons.join()).toMatch(/time: about \d+ ms/);
  });

  test('changes where a tool answers with a picture that only the other one takes, and says instead of whom', async () => {
    await using opened = await openTestHost({
      servers: [oversizedServer()],
      script: (_, n) =>
        n === 0
          ? { type: 'answer', toolCalls: [{ name: 'big__report', arguments: { kind: 'picture' } }] }
          : answers(),
      modelsOn: routeOf([{ model: 'openai/blind', accepts: [] }, { model: 'anthropic/sees' }], {
        by: { complexity: 1 },
      }),
    });
    const { outcome, routes } = await told(await opened.host.ask('Look.', { model: 'auto' }));
    expect(outcome).toMatchObject({ type: 'done', output: { model: 'anthropic/sees' } });
    expect(routes).toMatchObject([
      { model: 'openai/blind', path: '' },
      { model: 'anthropic/sees', instead: 'openai/blind', path: 'turn-2/route' },
    ]);
    expect(JSON.stringify(opened.model.requests[1]?.body['messages'])).toContain('iVBORw0KGgo');
  });

  test('changes to the larger window rather than leave something out', async () => {
    await using opened = await openTestHost({
      servers: [agentTools()],
      script: (_, n) =>
        n === 0
          ? {
              type: 'answer',
              toolCalls: [{ name: 'tools__weather', arguments: { city: 'Oslo' } }],
              usage: { inputTokens: 7_900 },
            }
          : answers(),
      modelsOn: routeOf(
        [
          { model: 'openai/small', contextWindowTokens: 8_000 },
          { model: 'anthropic/large', contextWindowTokens: 100_000 },
        ],
        { by: { complexity: 1 } },
      ),
    });
    const { routes, events } = await told(await opened.host.ask('How warm is it?', { model: 'auto' }));
    expect(routes.map(({ model }) => model)).toEqual(['openai/small', 'anthropic/large']);
    expect(events.some(({ type }) => type === 'context-reduced')).toBe(false);
  });
});

describe('the journal', () => {
  test('holds the choice: a run that goes on takes it though the times have changed, and its replay is identical', async () => {
    let slow = '';
    await using opened = await openTestHost({
      script: ({ model }) => ({
        type: 'answer',
        text: `I am ${model}.`,
        ...(model === slow ? { delayMs: 40 } : {}),
      }),
      modelsOn: routeOf([{ model: 'anthropic/one' }, { model: 'openai/two' }], { by: { latency: 1 } }),
    });
    const ask = async (): Promise<RunHandle> => await opened.host.ask('Who are you?', { model: 'auto' });
    const handle = await ask();
    const first = await told(handle);
    expect(first.routes[0]?.model).toBe('anthropic/one');
    slow = 'one';
    // Both get measured, and the first one more and more slowly.
    const later: (string | undefined)[] = [];
    for (let run = 0; run < 4; run += 1) later.push((await told(await ask())).routes[0]?.model);
    expect(later).toContain('openai/two');
    const rows = first.events.length + 20;
    const forked: string[] = [];
    for (let atRow = 1; atRow < rows; atRow += 1) {
      const fork = await opened.host.fork(handle.id, atRow).catch(() => undefined);
      if (fork === undefined) break;
      const again = await told(fork);
      expect(again.outcome.type).toBe('done');
      // From where the choice is journaled on; before it a fork chooses for itself.
      if (again.routes[0]?.candidates[0]?.reasons.join().includes('not measured')) {
        expect(again.outcome).toMatchObject({ output: { model: 'anthropic/one' } });
        forked.push(again.routes[0].model);
      }
    }
    expect(forked.length).toBeGreaterThan(1);
    expect(await opened.host.engine.replay(handle.id)).toMatchObject({ type: 'identical', complete: true });
  });

  test.each([
    ['goes on with the model that it began with', ['anthropic/one', 'openai/two'], 'anthropic/one'],
    ['goes on with the next best where that one is no candidate any more', ['openai/two'], 'openai/two'],
  ])('a run that another host takes up %s', async (_, candidates, expected) => {
    await using folder = await temporaryFolder('route');
    const route = (names: readonly string[]) =>
      routeOf(
        names.map((model) => ({ model })),
        { by: { latency: 1 } },
      );
    const common = { folder: folder.path };
    const first = await openTestHost({
      ...common,
      script: () => ({ type: 'silence' }),
      modelsOn: route(['anthropic/one', 'openai/two']),
    });
    const left = await first.host.ask('Who are you?', { model: 'auto' });
    await expect.poll(() => first.model.requests.length, { timeout: 30_000 }).toBe(1);
    await first[Symbol.asyncDispose]();
    await using second = await openTestHost({
      ...common,
      script: ({ model }) => ({ type: 'answer', text: 'Done.', ...(model === 'one' ? { delayMs: 60 } : {}) }),
      modelsOn: route(candidates),
    });
    // There the other one is faster by far.
    let chosen: string | undefined;
    for (let run = 0; run < 4 && chosen !== 'openai/two'; run += 1)
      chosen = (await told(await second.host.ask('Hello?', { model: 'auto' }))).routes[0]?.model;
    expect(chosen).toBe('openai/two');
    const { outcome } = await told(await second.host.resume(left.id));
    expect(outcome).toMatchObject({ type: 'done', output: { model: expected } });
    expect(await second.host.engine.replay(left.id)).toMatchObject({ type: 'identical', complete: true });
  });

  test('holds the choices of a workflow that asks the alias itself, each on a branch of its own', async () => {
    const asking = part<string, string>('asking', {}, async (context, input) => {
      const ask = async (): Promise<string> => {
        const result = await context
          .model('auto')
          .generate({ messages: [{ role: 'user', content: [{ type: 'text', text: input }] }], tools: [] });
        return result.type === 'message' ? result.model : result.failure.message;
      };
      return `${await ask()} ${await ask()}`;
    });
    await using opened = await openTestHost({
      script: answers,
      modelsOn: routeOf(BOTH),
      workflows: { asking },
    });
    const handle = await opened.host.run('asking', 'Hello?');
    const { outcome, routes } = await told(handle);
    expect(outcome).toMatchObject({ type: 'done', output: 'anthropic/weak anthropic/weak' });
    expect(routes.map(({ path }) => path)).toEqual(['model-route-1', 'model-route-2']);
    expect(await opened.host.engine.replay(handle.id)).toMatchObject({ type: 'identical', complete: true });
  });
});
