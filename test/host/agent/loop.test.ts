import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../src/json.ts';
import { MemoryJournals } from '../../../src/host/engine/memory.ts';
import type { RunEvent } from '../../../src/host/event.ts';
import { denyAll } from '../../../src/host/tool-call/policy.ts';
import type { ModelReply } from '../../fixtures/model/model-server.ts';
import type { Wire } from '../../fixtures/model/request.ts';
import { eventsOf, openTestHost, type TestHostOptions } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { agentTools } from '../../fixtures/agent-tools.ts';

const answer = (text: string): ModelReply => ({ type: 'answer', text });
const callsOf = (
  ...toolCalls: NonNullable<Extract<ModelReply, { type: 'answer' }>['toolCalls']>
): ModelReply => ({
  type: 'answer',
  toolCalls,
});

/** Replies one after the other; the last one for ever. */
const inTurn = (...replies: readonly ModelReply[]): TestHostOptions['script'] => {
  return (_request, n) => replies[Math.min(n, replies.length - 1)] ?? answer('no script');
};

function toolNames(body: JsonObject): string[] {
  return Array.isArray(body['tools']) ? body['tools'].map((tool: { name: string }) => tool.name) : [];
}

function ends(events: readonly RunEvent[]) {
  return events.flatMap((event) => (event.type === 'tool-call-end' ? [[event.name, event.outcome]] : []));
}

describe.each(['anthropic', 'openai'] as const)('on the wire of %s', (wire: Wire) => {
  test('a model calls two tools side by side, gets the results in order and answers', async () => {
    await using folder = await temporaryFolder('loop');
    const ledger = join(folder.path, 'ledger');
    await using opened = await openTestHost({
      wire,
      servers: [agentTools(ledger)],
      script: inTurn(
        callsOf(
          { name: 'tools__weather', arguments: { city: 'Slow' } },
          { name: 'tools__weather', arguments: { city: 'Bonn' } },
        ),
        answer('It is 21 degrees in both.'),
      ),
    });
    const handle = await opened.host.ask('How warm is it?');
    const events = await eventsOf(handle);
    expect(await handle.result).toMatchObject({
      type: 'done',
      output: { text: 'It is 21 degrees in both.' },
    });
    const lines = (await readFile(ledger, 'utf8')).trim().split('\n');
    expect(lines.slice(0, 2).sort()).toEqual(['weather-start Bonn', 'weather-start Slow']);
    expect(opened.model.requests[1]?.toolResults.map(({ text }) => text)).toEqual([
      'Slow: 21 degrees',
      'Bonn: 21 degrees',
    ]);
    const streamed = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('');
    expect(streamed).toBe('It is 21 degrees in both.');
    expect(events.at(-1)).toMatchObject({
      type: 'run-end',
      totals: { turns: 2, toolCalls: 2, usage: { inputTokens: 200 } },
    });
  });

  test('the loop runs a second time against its own journal without calling a model or a tool', async () => {
    const journals = new MemoryJournals();
    await using opened = await openTestHost({
      wire,
      journals,
      servers: [agentTools()],
      script: inTurn(
        callsOf(
          { name: 'tools__weather', arguments: { city: 'Bonn' } },
          { name: 'tools__order', arguments: { thing: 'tea' } },
        ),
        callsOf({ name: 'tools__nothing' }, { name: 'tools__weather', arguments: { town: 1 } }),
        answer('Done.'),
      ),
    });
    const handle = await opened.host.ask('Order tea if it is cold.');
    const outcome = await handle.result;
    expect(outcome.type).toBe('done');
    const requests = opened.model.requests.length;
    expect(await opened.host.engine.replay(handle.id)).toMatchObject({ type: 'identical', complete: true });
    expect(opened.model.requests).toHaveLength(requests);
  });

  test('nonsense from a model is answered with advice, and the run goes on', async () => {
    await using opened = await openTestHost({
      wire,
      servers: [agentTools()],
      script: inTurn(
        callsOf(
          { name: 'tools__wether', arguments: { city: 'Bonn' } },
          { name: 'tools__weather', arguments: { cty: 'Bonn' } },
          { name: 'tools__weather', rawArguments: '{"city": "Bo' },
        ),
        answer('I could not.'),
      ),
    });
    const handle = await opened.host.ask('How warm is it?');
    expect(ends(await eventsOf(handle))).toEqual([
      ['tools__wether', 'unknown-tool'],
      ['tools__weather', 'invalid-arguments'],
      ['tools__weather', 'invalid-arguments'],
    ]);
    const results = opened.model.requests[1]?.toolResults.map(({ text }) => text) ?? [];
    expect(results[0]).toContain('"tools__weather"');
    expect(results[1]).toMatch(/"city" is missing.*"cty" is not known.*nearest is "city"/);
    expect(results[2]).toContain('not a JSON object');
  });

  test('a picture in a result reaches the model as a picture', async () => {
    await using opened = await openTestHost({
      wire,
      servers: [agentTools()],
      script: inTurn(callsOf({ name: 'tools__picture' }), answer('A pixel.')),
    });
    const handle = await opened.host.ask('What do you see?');
    expect((await handle.result).type).toBe('done');
    expect(JSON.stringify(opened.model.requests[1]?.body)).toContain('iVBORw0KGgo');
  });

  test('cancelling closes the model stream at once', async () => {
    await using opened = await openTestHost({
      wire,
      script: () => ({
        type: 'answer',
        text: 'one two three four five six',
        interrupt: { after: 4, by: 'stall' },
      }),
    });
    const handle = await opened.host.ask('Talk.');
    for await (const event of handle.events()) if (event.type === 'text-delta') break;
    handle.cancel('enough');
    expect(await handle.result).toMatchObject({ type: 'cancelled', message: 'enough' });
    expect(await opened.model.requests[0]?.closed).toBe('aborted');
  });

  test('an invalid key fails with advice and without the key', async () => {
    await using opened = await openTestHost({
      wire,
      script: () => ({ type: 'failure', status: 401, message: 'invalid x-api-key' }),
    });
    const outcome = await (await opened.host.ask('Hello')).result;
    expect(outcome).toMatchObject({
      type: 'failed',
      error: { code: 'model-failed', data: { failure: 'authentication' } },
    });
    expect(JSON.stringify([outcome, opened.entries])).not.toContain('0123456789abcdef');
  });
});

test('a tool that is not read-only is denied without a yes, has no effect, and the model is told', async () => {
  await using folder = await temporaryFolder('loop');
  const ledger = join(folder.path, 'ledger');
  await using opened = await openTestHost({
    servers: [agentTools(ledger)],
    policy: denyAll('no-terminal', 'nobody can be asked'),
    script: inTurn(callsOf({ name: 'tools__order', arguments: { thing: 'tea' } }), answer('I may not.')),
  });
  const handle = await opened.host.ask('Order tea.');
  const events = await eventsOf(handle);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'approval', decision: 'denied', by: 'no-terminal' }),
  );
  expect(opened.model.requests[1]?.toolResults[0]?.text).toContain('nobody can be asked');
  await expect(readFile(ledger, 'utf8')).rejects.toThrow(/ENOENT/);
});

test('annotations of a server that is not trusted free no tool from the question', async () => {
  await using opened = await openTestHost({
    servers: [{ ...agentTools(), trust: 'none' }],
    policy: denyAll('no-terminal', 'nobody can be asked'),
    script: inTurn(callsOf({ name: 'tools__weather', arguments: { city: 'Bonn' } }), answer('I may not.')),
  });
  expect(ends(await eventsOf(await opened.host.ask('How warm is it?')))).toEqual([
    ['tools__weather', 'denied'],
  ]);
});

test('a server that dies in a call leaves the outcome unknown, and the others go on', async () => {
  await using opened = await openTestHost({
    servers: [agentTools(), { ...agentTools(), name: 'other' }],
    script: inTurn(
      callsOf({ name: 'tools__die' }, { name: 'other__weather', arguments: { city: 'Bonn' } }),
      answer('One is gone.'),
    ),
  });
  const handle = await opened.host.ask('Go on.');
  expect(ends(await eventsOf(handle))).toEqual([
    ['tools__die', 'uncertain'],
    ['other__weather', 'complete'],
  ]);
  expect(opened.model.requests[1]?.toolResults[0]?.text).toMatch(/Outcome unknown.*Check before repeating/);
  expect((await handle.result).type).toBe('done');
});

test('cancelling ends a call in flight at once', async () => {
  await using folder = await temporaryFolder('loop');
  const ledger = join(folder.path, 'ledger');
  await using opened = await openTestHost({
    servers: [agentTools(ledger)],
    script: inTurn(callsOf({ name: 'tools__hang' }), answer('never')),
  });
  const handle = await opened.host.ask('Hang.');
  for await (const event of handle.events()) if (event.type === 'tool-call-start') break;
  handle.cancel();
  expect((await handle.result).type).toBe('cancelled');
});

test('the same call again and again stops the run', async () => {
  await using opened = await openTestHost({
    servers: [agentTools()],
    script: inTurn(callsOf({ name: 'tools__weather', arguments: { city: 'Bonn' } })),
  });
  expect(await (await opened.host.ask('Loop.')).result).toMatchObject({ type: 'stopped', limit: 'repeats' });
});

test('each limit stops the run and names itself', async () => {
  const script = (_: unknown, n: number): ModelReply =>
    callsOf({ name: 'tools__weather', arguments: { city: `City ${n}` } });
  await using opened = await openTestHost({
    servers: [agentTools()],
    script,
    price: { inputUsdPerMillion: 10_000, outputUsdPerMillion: 10_000 },
  });
  const limited = async (budget: Record<string, number>) => (await opened.host.ask('Go.', { budget })).result;
  expect(await limited({ maxTurns: 2 })).toMatchObject({
    type: 'stopped',
    limit: 'turns',
    totals: { turns: 2 },
  });
  expect(await limited({ maxTokens: 200 })).toMatchObject({ type: 'stopped', limit: 'tokens' });
  expect(await limited({ maxToolCalls: 1 })).toMatchObject({
    type: 'stopped',
    limit: 'tool-calls',
    totals: { turns: 2, toolCalls: 1 },
  });
  expect(await limited({ maxUsd: 1 })).toMatchObject({
    type: 'stopped',
    limit: 'usd',
    totals: { costUsd: 1.2 },
  });
  expect(await limited({ timeoutMs: 250 })).toMatchObject({ type: 'stopped', limit: 'time' });
});

test('a limit in money with a model of unknown price is refused before anything is spent', async () => {
  await using opened = await openTestHost({ script: inTurn(answer('Hello.')) });
  const outcome = await (await opened.host.ask('Hello', { budget: { maxUsd: 1 } })).result;
  expect(outcome).toMatchObject({ type: 'failed', error: { code: 'price-unknown' } });
  expect(opened.model.requests).toHaveLength(0);
});

test('an empty answer is an error that says so', async () => {
  await using opened = await openTestHost({ script: inTurn({ type: 'answer' }) });
  expect(await (await opened.host.ask('Hello')).result).toMatchObject({
    type: 'failed',
    error: { code: 'empty-answer' },
  });
});

test('above the limit of tools the model searches, and what it finds is appended to what it is offered', async () => {
  await using opened = await openTestHost({
    servers: [agentTools('', { extraTools: 30 })],
    maxTools: 20,
    script: inTurn(
      callsOf({ name: 'switchyard__tool_search', arguments: { query: 'weather in a city', limit: 2 } }),
      callsOf({ name: 'switchyard__tool_search', arguments: { query: 'order a thing', limit: 1 } }),
      callsOf({ name: 'tools__weather', arguments: { city: 'Bonn' } }),
      answer('21 degrees.'),
    ),
  });
  const handle = await opened.host.ask('How warm is it?');
  const events = await eventsOf(handle);
  expect((await handle.result).type).toBe('done');
  const offered = opened.model.requests.map(({ body }) => toolNames(body));
  expect(offered[0]).toEqual(['switchyard__tool_search']);
  expect(offered[1]?.slice(0, 2)).toEqual(['switchyard__tool_search', 'tools__weather']);
  expect(offered[2]?.slice(0, offered[1]?.length)).toEqual(offered[1]);
  expect(offered[2]).toContain('tools__order');
  expect(offered[3]).toEqual(offered[2]);
  expect(events.filter((event) => event.type === 'tools-found')).toHaveLength(2);
});

test('a result that is too long for the model is cut and says how much there is', async () => {
  await using opened = await openTestHost({
    servers: [agentTools()],
    script: inTurn(callsOf({ name: 'tools__long' }), answer('Long.')),
  });
  await (await opened.host.ask('Read it.')).result;
  const text = opened.model.requests[1]?.toolResults[0]?.text ?? '';
  expect(text.length).toBeLessThan(33_000);
  expect(text).toContain('of 120000 characters');
});

test('a question of a server reaches the person, and its answer the server', async () => {
  await using opened = await openTestHost({
    servers: [agentTools()],
    elicit: async () => ({ action: 'accept', content: { colour: 'green' } }),
    script: inTurn(callsOf({ name: 'tools__ask_person' }), answer('Green.')),
  });
  const handle = await opened.host.ask('Ask me.');
  const events = await eventsOf(handle);
  expect(opened.model.requests[1]?.toolResults[0]?.text).toContain('green');
  expect(events).toContainEqual(expect.objectContaining({ type: 'input-response', action: 'accept' }));
});

test('a server that asks for a model and for folders gets both, and the run pays for it', async () => {
  await using opened = await openTestHost({
    servers: [agentTools()],
    script: (request, n) => {
      if (n === 0) return callsOf({ name: 'tools__ask_model' });
      return request.system === 'Be brief.' ? answer('In short.') : answer('It was summed up.');
    },
  });
  const handle = await opened.host.ask('Sum up.');
  const events = await eventsOf(handle);
  expect(opened.model.requests[1]).toMatchObject({ system: 'Be brief.', userText: 'Sum it up.' });
  const result = opened.model.requests[2]?.toolResults[0]?.text ?? '';
  expect(result).toContain('In short.');
  expect(result).toContain(`file://${opened.home}`);
  expect(events.at(-1)).toMatchObject({ type: 'run-end', totals: { usage: { inputTokens: 300 } } });
});

test('a server is refused a model when the person does not allow it, and told so', async () => {
  await using opened = await openTestHost({
    servers: [agentTools()],
    policy: denyAll('no-terminal', 'nobody can be asked'),
    script: inTurn(callsOf({ name: 'tools__ask_model' }), answer('Not possible.')),
  });
  const handle = await opened.host.ask('Sum up.');
  const events = await eventsOf(handle);
  expect(ends(events)).toEqual([['tools__ask_model', 'tool-error']]);
  expect(opened.model.requests).toHaveLength(2);
  expect(opened.model.requests[1]?.toolResults[0]?.text).toContain('nobody can be asked');
});

test('the log of a run tells its story', async () => {
  await using opened = await openTestHost({
    servers: [agentTools()],
    script: inTurn(callsOf({ name: 'tools__weather', arguments: { city: 'Bonn' } }), answer('Warm.')),
  });
  const handle = await opened.host.ask('How warm is it?');
  await eventsOf(handle);
  await handle.result;
  const story = opened.entries.filter((entry) => entry.run === handle.id).map((entry) => entry.event);
  expect(story).toEqual([
    'run-start',
    'turn-start',
    'model-start',
    'model-end',
    'tool-call-start',
    'tool-call-end',
    'turn-end',
    'turn-start',
    'model-start',
    'model-end',
    'turn-end',
    'run-end',
  ]);
});
