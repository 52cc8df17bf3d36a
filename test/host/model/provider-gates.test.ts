import { describe, expect, test } from 'vitest';

import type { RequestLimits } from '../../../src/config/model-limits.ts';
import { candidateModel } from '../../../src/host/model/candidate.ts';
import { fallback } from '../../../src/host/model/fallback.ts';
import type { Model, ModelEvent } from '../../../src/host/model/model.ts';
import { ProviderGates } from '../../../src/host/model/provider-gates.ts';
import { usedUpForMs } from '../../../src/host/model/rate-headers.ts';
import { type ModelReply, type ModelServer, startModelServer } from '../../fixtures/model/model-server.ts';
import { startTwoProviders } from '../../fixtures/model/two-providers.ts';
import { eventsOf, openTestHost } from '../../fixtures/open-host.ts';
import { ask, readAnswer } from './read-answer.ts';
import { TEST_KEY } from './wire-models.ts';

const ANSWER: ModelReply = { type: 'answer', text: 'Here I am.' };
const NO_RETRY = { 'x-should-retry': 'false' } as const;
const BROKEN: ModelReply = { type: 'failure', status: 500, message: 'disk on fire', headers: NO_RETRY };

const wires = ['anthropic', 'openai'] as const;
type WireName = (typeof wires)[number];

/** The first request that is made again, once it is allowed. */
async function nextTry(
  model: Model,
  server: ModelServer,
  signal = new AbortController().signal,
): Promise<{ readonly answer: ReturnType<typeof readAnswer> }> {
  const before = server.requests.length;
  for (;;) {
    const answer = readAnswer(model, ask('Hello'), signal);
    let isOver = false;
    void answer.then(() => {
      isOver = true;
    });
    await expect
      .poll(() => isOver || server.requests.length > before, { timeout: 30_000, interval: 5 })
      .toBe(true);
    if (server.requests.length > before) return { answer };
  }
}

function modelOf(gates: ProviderGates, server: ModelServer, wire: WireName, name = 'some-model'): Model {
  return candidateModel(
    {
      model: `${wire}/${name}`,
      baseUrl: wire === 'anthropic' ? server.url : server.openaiUrl,
      apiKey: TEST_KEY,
    },
    {
      env: {},
      contextWindowTokens: () => undefined,
      local: {
        homeFolder: '/none',
        engines: {
          open: () => Promise.reject(new Error('none')),
          [Symbol.asyncDispose]: async () => undefined,
        } as never,
      },
      gates,
    },
  );
}

describe.each(wires)('the circuit of %s', (wire) => {
  const fast = { failuresUntilOpen: 3, firstOpenMs: 50, maxOpenMs: 50 };
  const slow = { failuresUntilOpen: 3, firstOpenMs: 100_000, maxOpenMs: 100_000 };

  test('opens after failures in a row of whatever run: it says who, why and when, and the next candidate answers at once', async () => {
    await using broken = await startModelServer({ script: () => BROKEN });
    await using working = await startModelServer({ script: () => ANSWER });
    const gates = new ProviderGates(undefined, slow);
    const one = modelOf(gates, broken, wire);
    const other = modelOf(gates, broken, wire, 'other-model');
    for (const model of [one, other, one])
      expect((await readAnswer(model)).failure?.code).toBe('server-error');
    const { failure } = await readAnswer(other);
    expect(broken.requests).toHaveLength(3);
    expect(failure).toMatchObject({ code: 'unavailable', retryable: false });
    expect(failure?.message).toMatch(
      new RegExp(
        `^${wire}/other-model: not asked, because ${wire} at 127\\.0\\.0\\.1:\\d+ failed 3 times in a row`,
      ),
    );
    expect(failure?.message).toMatch(/disk on fire.*asked again in \d+ s\.$/);
    const both = fallback([one, modelOf(gates, working, wire)]);
    expect(await readAnswer(both)).toMatchObject({ text: 'Here I am.', failure: undefined });
    expect(broken.requests).toHaveLength(3);
  });

  test('refusals of a request are no breakdown', async () => {
    await using server = await startModelServer({
      script: (_, n) => (n % 2 === 1 ? { type: 'failure', status: 400 } : BROKEN),
    });
    const model = modelOf(new ProviderGates(undefined, slow), server, wire);
    for (let n = 0; n < 8; n += 1) await readAnswer(model);
    expect(server.requests).toHaveLength(8);
  });

  test('lets one request try when its time has come; a good answer closes it, and a bad one opens it again', async () => {
    let reply: ModelReply | Promise<ModelReply> = BROKEN;
    await using server = await startModelServer({ script: () => reply });
    const model = modelOf(new ProviderGates(undefined, fast), server, wire);
    for (let n = 0; n < 3; n += 1) await readAnswer(model);
    expect((await (await nextTry(model, server)).answer).failure?.code).toBe('server-error');
    expect(server.requests).toHaveLength(4);
    const held = Promise.withResolvers<ModelReply>();
    reply = held.promise;
    const probe = await nextTry(model, server);
    expect(server.requests).toHaveLength(5);
    const { failure } = await readAnswer(model);
    expect(failure).toMatchObject({ code: 'unavailable', message: expect.stringContaining('right now') });
    held.resolve(ANSWER);
    expect((await probe.answer).text).toBe('Here I am.');
    reply = ANSWER;
    expect((await readAnswer(model)).text).toBe('Here I am.');
  });

  test('a try that is cancelled says nothing: the next one tries', async () => {
    let reply: ModelReply = BROKEN;
    await using server = await startModelServer({ script: () => reply });
    const model = modelOf(new ProviderGates(undefined, fast), server, wire);
    for (let n = 0; n < 3; n += 1) await readAnswer(model);
    reply = { type: 'silence' };
    const controller = new AbortController();
    const probe = await nextTry(model, server, controller.signal);
    controller.abort();
    expect((await probe.answer).failure?.code).toBe('cancelled');
    reply = ANSWER;
    expect((await readAnswer(model)).text).toBe('Here I am.');
  });
});

describe.each(wires)('the limits of %s', (wire) => {
  const limited = (limits: RequestLimits) =>
    new ProviderGates((name) => (name === wire ? limits : undefined));

  test('a retry-after of one request is waited for by all of them, and one goes first', async () => {
    const at: number[] = [];
    await using server = await startModelServer({
      script: (_, n) => {
        at.push(performance.now());
        return n === 0 ? { type: 'failure', status: 429, headers: { 'retry-after-ms': '400' } } : ANSWER;
      },
    });
    const gates = new ProviderGates();
    const { signal } = new AbortController();
    const first = modelOf(gates, server, wire).stream(ask('Hello'), { signal })[Symbol.asyncIterator]();
    expect((await first.next()).value).toMatchObject({ type: 'restart', delayMs: 400 });
    const others = [1, 2, 3].map(() => readAnswer(modelOf(gates, server, wire)));
    expect((await first.next()).value).toMatchObject({ type: 'text-delta' });
    await first.return?.();
    for (const { text } of await Promise.all(others)) expect(text).toBe('Here I am.');
    const [refused = 0, ...later] = at;
    expect(later).toHaveLength(4);
    for (const time of later) expect(time - refused).toBeGreaterThanOrEqual(395);
  });

  test('an answer that says that nothing is left holds the next one back until its reset', async () => {
    const usedUp = (): Readonly<Record<string, string>> =>
      wire === 'anthropic'
        ? {
            'anthropic-ratelimit-requests-remaining': '0',
            'anthropic-ratelimit-requests-reset': new Date(Date.now() + 700).toISOString(),
          }
        : { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '700ms' };
    const at: number[] = [];
    await using server = await startModelServer({
      script: (_, n) => {
        at.push(performance.now());
        return n === 0 ? { type: 'failure', status: 400, headers: usedUp() } : ANSWER;
      },
    });
    const model = modelOf(new ProviderGates(), server, wire);
    await readAnswer(model);
    await readAnswer(model);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(650);
  });

  test('who waits longer is told, comes after who came before, and may leave', async () => {
    const held = Promise.withResolvers<ModelReply>();
    await using server = await startModelServer({ script: (_, n) => (n === 0 ? held.promise : ANSWER) });
    const gates = limited({ maxConcurrent: 1 });
    const first = readAnswer(modelOf(gates, server, wire));
    await expect.poll(() => server.requests.length, { timeout: 30_000 }).toBe(1);
    const controller = new AbortController();
    const leaving = readAnswer(modelOf(gates, server, wire, 'other'), ask('Hello'), controller.signal);
    const events: ModelEvent[] = [];
    const staying = (async () => {
      const model = modelOf(gates, server, wire);
      for await (const event of model.stream(ask('Hello'), { signal: new AbortController().signal })) {
        events.push(event);
        if (event.type === 'waiting') controller.abort();
      }
    })();
    expect((await leaving).failure?.code).toBe('cancelled');
    expect(server.requests).toHaveLength(1);
    held.resolve(ANSWER);
    expect((await first).text).toBe('Here I am.');
    await staying;
    expect(events[0]).toMatchObject({ type: 'waiting', message: expect.stringContaining('its turn') });
    expect(events.at(-1)).toMatchObject({ type: 'message-end' });
    expect(server.requests).toHaveLength(2);
  });

  test('a reader that leaves while waiting, or in the middle of an answer, gives its place back', async () => {
    await using server = await startModelServer({
      script: (_, n) =>
        n === 0
          ? { type: 'answer', text: 'a b c', interrupt: { after: wire === 'anthropic' ? 5 : 3, by: 'stall' } }
          : ANSWER,
    });
    const model = modelOf(limited({ maxConcurrent: 1 }), server, wire);
    const { signal } = new AbortController();
    const reading = model.stream(ask('Hello'), { signal })[Symbol.asyncIterator]();
    expect((await reading.next()).value).toMatchObject({ type: 'text-delta' });
    const waiting = model.stream(ask('Hello'), { signal })[Symbol.asyncIterator]();
    void waiting.next();
    await waiting.return?.();
    await reading.return?.();
    expect((await readAnswer(model)).text).toBe('Here I am.');
  });
});

test('once the runs of a host saw a provider fail five times, the next runs go to the other one at once and say why', async () => {
  await using providers = await startTwoProviders({ anthropic: () => BROKEN, openai: () => ANSWER });
  const { candidates, anthropic, openai } = providers;
  await using opened = await openTestHost({
    models: { default: [candidates.anthropic, candidates.openai] },
    script: () => BROKEN,
  });
  const restarts: string[] = [];
  for (let run = 0; run < 7; run += 1) {
    const handle = await opened.host.ask(`Question ${run}`);
    for (const event of await eventsOf(handle))
      if (event.type === 'step-restart') restarts.push(event.failure?.code ?? 'none');
    expect(await handle.result).toMatchObject({ type: 'done', output: { text: 'Here I am.' } });
  }
  expect(anthropic.requests).toHaveLength(5);
  expect(openai.requests).toHaveLength(7);
  expect(restarts).toEqual([
    ...Array.from({ length: 5 }, () => 'server-error'),
    'unavailable',
    'unavailable',
  ]);
});

test('runs of one host share what a provider may be asked, and a run shows that it waits', async () => {
  const held = Promise.withResolvers<ModelReply>();
  await using opened = await openTestHost({
    modelLimits: { 'anthropic/scripted': { maxConcurrent: 1 } },
    script: (_, n) => (n === 0 ? held.promise : ANSWER),
  });
  const first = await opened.host.ask('One');
  await expect.poll(() => opened.model.requests.length, { timeout: 30_000 }).toBe(1);
  const second = await opened.host.ask('Two');
  const events = (async () => {
    const told = [];
    for await (const event of second.events()) {
      told.push(event);
      if (event.type === 'notice' && event.code === 'model-waits') held.resolve(ANSWER);
    }
    return told;
  })();
  expect(await first.result).toMatchObject({ type: 'done' });
  expect(await second.result).toMatchObject({ type: 'done' });
  expect((await events).map(({ type }) => type)).toContain('notice');
  expect((await eventsOf(first)).map(({ type }) => type)).not.toContain('notice');
});

test.each([
  [
    {
      'anthropic-ratelimit-tokens-remaining': '0',
      'anthropic-ratelimit-tokens-reset': '1970-01-01T00:01:30Z',
    },
    90_000,
  ],
  [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '2m59.56s' }, 179_560],
  [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '20ms' }, 20],
  [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '7' }, 7_000],
  [{ 'x-ratelimit-remaining-requests': '3', 'x-ratelimit-reset-requests': '7' }, undefined],
  [{ 'x-ratelimit-remaining-requests': 'none', 'x-ratelimit-reset-requests': '7' }, undefined],
  [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': 'soon' }, undefined],
  [{ 'x-ratelimit-remaining-requests': '0' }, undefined],
  [{}, undefined],
])('the headers %j ask for a wait of %s ms', (headers: Readonly<Record<string, string>>, waitMs) => {
  expect(usedUpForMs((name) => headers[name], 0)).toBe(waitMs);
});
