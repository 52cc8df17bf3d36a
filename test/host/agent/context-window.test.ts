import { readdir } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { MemoryJournals } from '../../../src/host/engine/memory.ts';
import type { ModelMessage } from '../../../src/host/model/model.ts';
import { isJsonObject, type JsonObject } from '../../../src/json.ts';
import type { ModelReply, ScriptedRequest } from '../../fixtures/model/model-server.ts';
import { oversizedServer } from '../../fixtures/oversized-server.ts';
import { eventsOf, openTestHost, type TestHostOptions } from '../../fixtures/open-host.ts';

const WINDOW = 12_000;
const HANDLE = /switchyard:\/\/results\/[0-9a-f]{32}/;

/** As a provider would count: about four characters a token. */
function tokensOf(request: ScriptedRequest): number {
  return Math.ceil(JSON.stringify(request.body).length / 4);
}

/** Refuses what is larger than the window, as a provider does, and counts everything else. */
function withWindow(script: TestHostOptions['script'], window = WINDOW): TestHostOptions['script'] {
  return async (request, n) => {
    const inputTokens = tokensOf(request);
    if (inputTokens > window) {
      return {
        type: 'failure',
        status: 400,
        code: 'invalid_request_error',
        message: `prompt is too long: ${inputTokens} tokens > ${window} maximum`,
      };
    }
    const reply = await script(request, n);
    return reply.type === 'answer' ? { ...reply, usage: { inputTokens } } : reply;
  };
}

const isSummaryRequest = (request: ScriptedRequest): boolean => request.system.startsWith('You sum up');
const summary: ModelReply = { type: 'answer', text: 'SUMMARY: the person wants the harvest.' };
const look = (page: number): ModelReply => ({
  type: 'answer',
  toolCalls: [{ name: 'big__page', arguments: { page } }],
});

/** Every call has its result, and every result its call before it. */
function expectPairs(request: ScriptedRequest): void {
  const messages = (request.body['messages'] as JsonObject[]).map((message) => ({
    role: message['role'],
    blocks: (Array.isArray(message['content']) ? message['content'] : []).filter(isJsonObject),
  }));
  for (const [index, { blocks }] of messages.entries()) {
    const calls = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
    const answered = (messages[index + 1]?.blocks ?? [])
      .filter(({ type }) => type === 'tool_result')
      .map(({ tool_use_id: id }) => id);
    expect(answered).toEqual(calls);
  }
  expect(messages[0]?.role).toBe('user');
}

function commonPrefix(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

test('a run of many large results stays below the window, its old results become handles, and they can be read', async () => {
  const window = 40_000;
  const journals = new MemoryJournals();
  let asked = '';
  await using opened = await openTestHost({
    journals,
    contextWindowTokens: window,
    maxTurns: 40,
    servers: [oversizedServer()],
    script: withWindow((request, n) => {
      if (isSummaryRequest(request)) return summary;
      if (n < 25) return look(n);
      const replaced = request.toolResults.find(({ text }) => text.includes('no longer shown'))?.text ?? '';
      if (n === 25) {
        asked = /page \d+, line 0/.exec(replaced)?.[0] ?? 'none';
        const uri = HANDLE.exec(replaced)?.[0] ?? 'none';
        return {
          type: 'answer',
          toolCalls: [{ name: 'switchyard__result_read', arguments: { uri, length: 60 } }],
        };
      }
      return { type: 'answer', text: request.toolResults.at(-1)?.text ?? '' };
    }, window),
  });
  const handle = await opened.host.ask('Read all pages.');
  const events = await eventsOf(handle);
  const outcome = await handle.result;
  if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  expect(outcome.output.text.startsWith(asked)).toBe(true);
  expect(outcome.output.text).toMatch(/page \d+, line 9: [\s\S]*of 60, characters/);

  const reductions = events.filter((event) => event.type === 'context-reduced');
  expect(reductions.length).toBeGreaterThan(1);
  expect(reductions.every((event) => event.tokensAfter < event.tokensBefore)).toBe(true);
  // In large steps: far fewer reductions than turns.
  expect(new Set(reductions.map(({ path }) => path)).size).toBeLessThan(9);
  const requests = opened.model.requests.filter((request) => !isSummaryRequest(request));
  for (const request of requests) {
    expect(tokensOf(request)).toBeLessThan(window);
    expectPairs(request);
  }
  // The marks of the cache move on with each turn.
  const bodies = requests.map(({ body }) =>
    JSON.stringify(body['messages'], (key, value: unknown) => (key === 'cache_control' ? undefined : value)),
  );
  const kept = bodies.slice(1).filter((body, index) => {
    const before = bodies[index] ?? '';
    return commonPrefix(before, body) >= before.length - 1;
  });
  expect(kept.length).toBeGreaterThanOrEqual(requests.length - 1 - reductions.length);

  const requestCount = opened.model.requests.length;
  expect(await opened.host.engine.replay(handle.id)).toMatchObject({ type: 'identical', complete: true });
  expect(opened.model.requests).toHaveLength(requestCount);
});

const talk = (count: number, words: number): ModelMessage[] =>
  Array.from({ length: count }, (_, index): ModelMessage[] => [
    {
      role: 'user',
      content: [{ type: 'text', text: `request ${index} ${'about this and that '.repeat(words)}` }],
    },
    {
      role: 'assistant',
      content: [{ type: 'text', text: `answer ${index} ${'which is so and so '.repeat(words)}` }],
    },
  ]).flat();

test('old turns become a summary that is marked as one; the latest and the request stay in their own words', async () => {
  await using opened = await openTestHost({
    contextWindowTokens: WINDOW,
    script: withWindow((request) => (isSummaryRequest(request) ? summary : { type: 'answer', text: 'Yes.' })),
  });
  const handle = await opened.host.ask('And now, what about the harvest?', { history: talk(30, 30) });
  const events = await eventsOf(handle);
  const outcome = await handle.result;
  if (outcome.type !== 'done' || outcome.output.origin !== 'model') throw new Error(JSON.stringify(outcome));
  expect(events).toContainEqual(expect.objectContaining({ type: 'context-reduced', by: 'summary' }));
  const last = opened.model.requests.at(-1);
  const sent = JSON.stringify(last?.body['messages']);
  expect(sent).toContain('SUMMARY: the person wants the harvest.');
  expect(sent).toContain('the conversation so far, summed up by anthropic/scripted');
  expect(sent).toContain('And now, what about the harvest?');
  expect(sent).toContain('answer 29');
  expect(sent).not.toContain('answer 3 ');
  const summaries = opened.model.requests.filter(isSummaryRequest);
  expect(summaries.map(({ body }) => JSON.stringify(body)).join('\n')).toContain('request 0 ');
  // What it cost is counted.
  const counted = opened.model.requests.reduce((sum, request) => sum + tokensOf(request), 0);
  expect(outcome.totals.usage.inputTokens).toBe(counted);
  expect(outcome.output.carried?.length).toBeLessThan(30);
});

test('where no model can sum up, the requests stand in its place, and the run goes on', async () => {
  await using opened = await openTestHost({
    contextWindowTokens: WINDOW,
    script: withWindow((request) =>
      isSummaryRequest(request)
        ? { type: 'failure', status: 400, message: 'not today' }
        : { type: 'answer', text: 'Yes.' },
    ),
  });
  const handle = await opened.host.ask('And now?', { history: talk(30, 30) });
  const events = await eventsOf(handle);
  expect(await handle.result).toMatchObject({ type: 'done', output: { text: 'Yes.' } });
  expect(events).toContainEqual(expect.objectContaining({ type: 'notice', code: 'summary-failed' }));
  expect(JSON.stringify(opened.model.requests.at(-1)?.body['messages'])).toContain('- request 0 about');
});

test('a window that nobody knows is found by its overflow, once', async () => {
  await using opened = await openTestHost({
    maxTurns: 40,
    servers: [oversizedServer()],
    script: withWindow((request, n) => {
      if (isSummaryRequest(request)) return summary;
      return n < 20 ? look(n) : { type: 'answer', text: 'Read.' };
    }),
  });
  const handle = await opened.host.ask('Read all pages.');
  const events = await eventsOf(handle);
  expect(await handle.result).toMatchObject({ type: 'done', output: { text: 'Read.' } });
  expect(events.filter((event) => event.type === 'model-error')).toHaveLength(1);
});

test('an overflow that cannot be helped is the failure of the run', async () => {
  await using opened = await openTestHost({
    script: withWindow(() => ({ type: 'answer', text: 'never' }), 10),
  });
  const handle = await opened.host.ask('Hello.');
  expect(await handle.result).toMatchObject({
    type: 'failed',
    error: { code: 'model-failed', data: { failure: 'context-overflow' } },
  });
  expect(opened.model.requests).toHaveLength(1);
});

test('a request of 2 MB is kept, and the model gets its beginning and reads on', async () => {
  const request = `Find the needle.\n${'a line of a log that somebody pasted\n'.repeat(55_000)}the needle: 4711\n`;
  await using opened = await openTestHost({
    contextWindowTokens: WINDOW,
    script: withWindow((asked, n) => {
      if (n > 0) return { type: 'answer', text: asked.toolResults.at(-1)?.text ?? '' };
      const uri = HANDLE.exec(JSON.stringify(asked.body['messages']))?.[0] ?? 'none';
      return {
        type: 'answer',
        toolCalls: [{ name: 'switchyard__result_search', arguments: { uri, pattern: 'the needle: .*' } }],
      };
    }),
  });
  const outcome = await (await opened.host.ask(request)).result;
  expect(outcome).toMatchObject({
    type: 'done',
    output: { text: expect.stringContaining('the needle: 4711') },
  });
  expect(opened.model.requests[0]?.userText).toContain('Find the needle.');
});

test('a session that was reduced goes on from its view, and its transcript stays whole', async () => {
  await using opened = await openTestHost({
    contextWindowTokens: WINDOW,
    maxTurns: 40,
    servers: [oversizedServer()],
    script: withWindow((request) => {
      if (isSummaryRequest(request)) return summary;
      const wanted = /page (\d+)/.exec(request.userText)?.[1];
      const last = (request.body['messages'] as JsonObject[]).at(-1);
      return JSON.stringify(last).includes('"tool_result"')
        ? { type: 'answer', text: `Read page ${wanted}.` }
        : look(Number(wanted ?? 0));
    }),
  });
  const { host } = opened;
  const session = await host.sessions.create();
  const reductions: number[] = [];
  for (let page = 0; page < 12; page += 1) {
    const handle = await host.ask(`Read page ${page}`, { sessionId: session.id });
    const events = await eventsOf(handle);
    expect(await handle.result).toMatchObject({ type: 'done', output: { text: `Read page ${page}.` } });
    reductions.push(events.filter((event) => event.type === 'context-reduced').length);
  }
  expect(reductions.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  expect(reductions.filter((count) => count > 0).length).toBeLessThan(6);
  const transcript = await host.sessions.transcript(session.id);
  expect(transcript).toHaveLength(12);
  expect(JSON.stringify(transcript)).toContain('page 0, line 30');

  const before = tokensOf(opened.model.requests.at(-1) ?? ({ body: {} } as ScriptedRequest));
  const compacted = await (await host.compact(session.id)).result;
  if (compacted.type !== 'done') throw new Error(JSON.stringify(compacted));
  expect(compacted.output.tokensAfter).toBeLessThan(compacted.output.tokensBefore);
  await (await host.ask('Read page 77', { sessionId: session.id })).result;
  const first = opened.model.requests.find((request) => request.userText.includes('page 77'));
  expect(first && tokensOf(first)).toBeLessThan(before);
  expect(JSON.stringify(first?.body['messages'])).toContain('SUMMARY');
  expect(JSON.stringify(await host.sessions.transcript(session.id))).toContain('page 0, line 30');

  await host.sessions.delete(session.id);
  expect(await readdir(`${opened.home}/results`)).toEqual([]);
});
