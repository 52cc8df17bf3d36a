/** What a model says that makes no sense: each ends with an event and a message, and where it makes sense the run goes on. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { agent } from '../../../src/index.ts';
import type { RunEvent, StoredEvent } from '../../../src/host/event.ts';
import type { ModelReply } from '../../fixtures/model/model-server.ts';
import type { Wire } from '../../fixtures/model/request.ts';
import { agentTools } from '../../fixtures/agent-tools.ts';
import { eventsOf, openTestHost, type TestHostOptions } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const answer = (text: string): ModelReply => ({ type: 'answer', text });
const weather = (city: string, more: object = {}) => ({
  name: 'tools__weather',
  arguments: { city },
  ...more,
});
const calling = (...toolCalls: readonly ReturnType<typeof weather>[]): ModelReply => ({
  type: 'answer',
  toolCalls,
});

/** Replies one after the other; the last one for ever. */
const inTurn =
  (...replies: readonly ModelReply[]): TestHostOptions['script'] =>
  (_request, n) =>
    replies[Math.min(n, replies.length - 1)] ?? answer('no script');

function notices(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'notice' ? [event.code] : []));
}

/** The row before the model was asked for the last time: what a fork of the run takes over. */
function rowBeforeLastTurn(events: readonly RunEvent[], steps: number): number {
  const stored = events.filter((event): event is StoredEvent => 'number' in event);
  const start = stored.findLast((event) => event.type === 'turn-start');
  return (start?.number ?? 1) + steps;
}

describe.each(['anthropic', 'openai'] as const)('on the wire of %s', (wire: Wire) => {
  const open = (options: Omit<TestHostOptions, 'wire'>) =>
    openTestHost({ wire, servers: [agentTools()], maxTurns: 20, ...options });

  test('words where a call was demanded: it is told so, and then fails with what is wrong', async () => {
    const output = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    await using opened = await open({
      workflows: { shape: agent({ tools: [], output }) },
      script: inTurn(answer('Bonn, I think.')),
    });
    const run = await opened.host.run('shape', 'Which city?');
    expect(await run.result).toMatchObject({
      type: 'failed',
      error: { code: 'output-invalid', message: expect.stringContaining('in words that do not fit') },
    });
    expect(opened.model.requests.at(-1)?.userText).toContain('Give your answer by calling answer.');
  });

  test('a thousand calls in one answer: a few at a time, no more than the budget has, and all are accounted for', async () => {
    await using folder = await temporaryFolder('nonsense');
    const ledger = join(folder.path, 'ledger');
    const many = Array.from({ length: 1_000 }, (_, index) => weather(`Near ${index}`));
    await using opened = await open({
      servers: [agentTools(ledger)],
      script: inTurn(calling(...many), answer('All of it.')),
    });
    const stopped = await opened.host.ask('Go.', { budget: { maxToolCalls: 100 } });
    const events = await eventsOf(stopped);
    expect(await stopped.result).toMatchObject({
      type: 'stopped',
      limit: 'tool-calls',
      message: 'The limit of 100 tool calls is reached. Of the 1000 calls of one answer 900 were not made.',
      totals: { toolCalls: 100 },
    });
    let [now, most] = [0, 0];
    for (const event of events) {
      if (event.type === 'tool-call-start') now += 1;
      if (event.type === 'tool-call-end') now -= 1;
      most = Math.max(most, now);
    }
    expect(most).toBeLessThanOrEqual(8);
    expect(now).toBe(0);
    const lines = async (): Promise<string[]> => (await readFile(ledger, 'utf8')).trim().split('\n');
    const starts = async (): Promise<number> =>
      (await lines()).filter((line) => line.startsWith('weather-start')).length;
    expect(await starts()).toBe(100);

    const again = await opened.host.resume(stopped.id, { budget: { maxToolCalls: 1_000 } });
    expect(await again.result).toMatchObject({ type: 'done', totals: { toolCalls: 1_000 } });
    expect(await starts()).toBe(1_000);
    const told = opened.model.requests.at(-1)?.toolResults ?? [];
    expect(told.map(({ text }) => text)).toEqual(many.map((_, index) => `Near ${index}: 21 degrees`));
  });

  test('the same call for ever: it is told before the last time that it may, then the run is stopped', async () => {
    await using opened = await open({ script: inTurn(calling(weather('Bonn'))) });
    const run = await opened.host.ask('Loop.');
    const events = await eventsOf(run);
    expect(await run.result).toMatchObject({ type: 'stopped', limit: 'repeats', maximum: 3 });
    const warning = 'You have asked for exactly this 3 times in a row.';
    const told = opened.model.requests.map(({ body }) => JSON.stringify(body).includes(warning));
    expect(told).toEqual([false, false, false, true]);
    expect(notices(events)).toEqual(['repeats']);
    expect(await opened.host.engine.replay(run.id)).toMatchObject({ type: 'identical' });
  });

  test('the same call for ever, until it is told: then it answers', async () => {
    await using opened = await open({
      script: ({ body }) =>
        JSON.stringify(body).includes('You have asked for exactly this')
          ? answer('21 degrees, as I know by now.')
          : calling(weather('Bonn')),
    });
    const run = await opened.host.ask('Loop.');
    expect(await run.result).toMatchObject({
      type: 'done',
      output: { text: '21 degrees, as I know by now.' },
    });
  });

  test('nothing: it is asked once more, and that is told', async () => {
    await using opened = await open({ script: inTurn({ type: 'answer' }, answer('Here I am.')) });
    const run = await opened.host.ask('Hello?');
    const events = await eventsOf(run);
    expect(await run.result).toMatchObject({
      type: 'done',
      output: { text: 'Here I am.' },
      totals: { turns: 2 },
    });
    expect(notices(events)).toEqual(['empty-answer']);
    expect(await opened.host.engine.replay(run.id)).toMatchObject({ type: 'identical', complete: true });
  });

  test('nothing and again nothing: the run fails, and a fork asks again', async () => {
    await using opened = await open({
      script: inTurn({ type: 'answer' }, { type: 'answer' }, answer('Late.')),
    });
    const run = await opened.host.ask('Hello?');
    await eventsOf(run);
    expect(await run.result).toMatchObject({
      type: 'failed',
      error: { code: 'empty-answer', message: expect.stringContaining('Ask again, or use another model.') },
    });
    expect(await (await opened.host.fork(run.id, 1)).result).toMatchObject({ output: { text: 'Late.' } });
  });

  test('a refusal: the run fails and says whose it is', async () => {
    const stopReason = wire === 'anthropic' ? 'refusal' : 'content_filter';
    await using opened = await open({
      script: inTurn({ type: 'answer', text: 'I cannot help with that.', stopReason }, answer('Well then.')),
    });
    const run = await opened.host.ask('Hello?');
    expect(await run.result).toMatchObject({
      type: 'failed',
      error: {
        code: 'refused',
        message: expect.stringMatching(/scripted refused to answer\. I cannot help/),
      },
    });
    expect(await (await opened.host.fork(run.id, 1)).result).toMatchObject({
      output: { text: 'Well then.' },
    });
  });

  test('a stream that breaks inside a call: what came of it is void, and the call is made once', async () => {
    await using folder = await temporaryFolder('nonsense');
    const ledger = join(folder.path, 'ledger');
    const order = {
      type: 'answer',
      toolCalls: [{ name: 'tools__order', arguments: { thing: 'tea' } }],
    } as const;
    await using opened = await open({
      servers: [agentTools(ledger)],
      script: inTurn(
        { ...order, interrupt: { after: 'arguments', by: 'reset' } },
        { ...order, interrupt: { after: 'arguments', by: 'end' } },
        order,
        answer('Ordered.'),
      ),
    });
    const run = await opened.host.ask('Order tea.');
    const events = await eventsOf(run);
    expect(await run.result).toMatchObject({
      type: 'done',
      output: { text: 'Ordered.' },
      totals: { toolCalls: 1 },
    });
    expect((await readFile(ledger, 'utf8')).trim().split('\n')).toHaveLength(1);
    expect(events.filter((event) => event.type === 'step-restart')).toHaveLength(2);
  });

  test('a stream that always breaks inside a call: the run fails, nothing was called, and a fork goes on from there', async () => {
    await using folder = await temporaryFolder('nonsense');
    const ledger = join(folder.path, 'ledger');
    let isBroken = true;
    const order = {
      type: 'answer',
      toolCalls: [{ name: 'tools__order', arguments: { thing: 'tea' } }],
    } as const;
    await using opened = await open({
      servers: [agentTools(ledger)],
      script: ({ toolResults }) => {
        if (toolResults.length === 0) return calling(weather('Bonn'));
        if (toolResults.length === 2) return answer('Ordered.');
        return isBroken ? { ...order, interrupt: { after: 'arguments', by: 'reset' } } : order;
      },
    });
    const run = await opened.host.ask('Order tea if it is cold.');
    const events = await eventsOf(run);
    expect(await run.result).toMatchObject({ type: 'failed', error: { code: 'model-failed' } });
    expect(events.some((event) => event.type === 'model-error')).toBe(true);
    expect(await readFile(ledger, 'utf8')).not.toContain('order');
    isBroken = false;
    const asked = opened.model.requests.length;
    const steps = 6;
    const fork = await opened.host.fork(run.id, rowBeforeLastTurn(events, steps));
    expect(await fork.result).toMatchObject({ type: 'done', output: { text: 'Ordered.' } });
    expect(opened.model.requests).toHaveLength(asked + 2);
  });
});
