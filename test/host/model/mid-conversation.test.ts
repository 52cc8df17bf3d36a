import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import type { ModelCandidate } from '../../../src/config/model-candidate.ts';
import type { RunEvent, StoredEvent } from '../../../src/host/event.ts';
import type { ModelReply } from '../../fixtures/model/model-server.ts';
import { startTwoProviders, type TurnScript } from '../../fixtures/model/two-providers.ts';
import { agentTools } from '../../fixtures/agent-tools.ts';
import { eventsOf, openTestHost, type TestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { resumedOutcomes } from '../workflow/pattern/pattern-world.ts';

/** As long and as random as a real one, so that whatever masks secrets would find it. */
const signature = (word: string): string =>
  Array.from({ length: 8 }, (_, index) =>
    createHash('sha512').update(`${word} ${index}`).digest('base64').replaceAll('=', ''),
  ).join('');

const OPENAI_CALL_ID = 'call_0123456789abcdef|fc_0123456789abcdef0123456789abcdef.1';
const ANSWER = 'It is 21 degrees in both, and an umbrella is ordered.';
const REFUSED = { 'x-should-retry': 'false' } as const;
const overloaded: ModelReply = {
  type: 'failure',
  status: 529,
  code: 'overloaded_error',
  message: 'Overloaded',
  headers: REFUSED,
};
const cutInACall: ModelReply = {
  type: 'answer',
  thinking: 'An umbrella would',
  text: 'This is void.',
  toolCalls: [{ name: 'tools__order', arguments: { thing: 'a raincoat' } }],
  interrupt: { after: 'arguments', by: 'reset' },
};

/** Turns 1 and 3 are Anthropic's, 2 and 4 OpenAI's. */
const anthropicTurns =
  (second: () => ModelReply): TurnScript =>
  (turn) => {
    if (turn === 1) {
      return {
        type: 'answer',
        thinking: 'Anthropic thinks of Bonn.',
        signature: signature('first'),
        text: 'I look.',
        toolCalls: [
          { name: 'tools__weather', arguments: { city: 'Bonn' }, id: 'toolu_01A' },
          { name: 'tools__picture', arguments: {}, id: 'toolu_01B' },
        ],
      };
    }
    if (turn === 3) {
      return {
        type: 'answer',
        thinking: 'Anthropic thinks of Rome.',
        signature: signature('third'),
        toolCalls: [{ name: 'tools__weather', arguments: { city: 'Rome' }, id: 'toolu_03A' }],
      };
    }
    return turn === 2 ? second() : overloaded;
  };

const openaiTurns: TurnScript = (turn) =>
  turn === 2
    ? {
        type: 'answer',
        thinking: 'OpenAI reasons about rain.',
        toolCalls: [{ name: 'tools__order', arguments: { thing: 'an umbrella' }, id: OPENAI_CALL_ID }],
      }
    : { type: 'answer', thinking: 'OpenAI sums up.', text: ANSWER };

async function openHost(candidates: readonly ModelCandidate[], folder: string): Promise<TestHost> {
  const opened = await openTestHost({
    folder,
    servers: [agentTools()],
    models: { default: candidates },
    script: () => ({ type: 'failure', status: 500 }),
  });
  await opened.host.registry.ready();
  return opened;
}

describe('a conversation goes from Anthropic to OpenAI and back, twice', () => {
  test('each gets the whole history and nothing that only the other understands; journal, replay and every resume agree', async () => {
    let second: ModelReply = cutInACall;
    await using providers = await startTwoProviders({
      anthropic: anthropicTurns(() => second),
      openai: openaiTurns,
    });
    const { anthropic, openai, candidates } = providers;
    await using folder = await temporaryFolder('two-providers');
    await using opened = await openHost([candidates.anthropic, candidates.openai], folder.path);
    const handle = await opened.host.ask('How warm is it, and do I need an umbrella?');
    const events = await eventsOf(handle);
    expect(await handle.result).toMatchObject({ type: 'done', output: { text: ANSWER } });

    expect(restarts(events)).toEqual(['retry', 'retry', 'fallback', 'fallback']);
    expect(modelEnds(events)).toEqual([
      'anthropic/claude-sonnet-5',
      'openai/gpt-6-sol',
      'anthropic/claude-sonnet-5',
      'openai/gpt-6-sol',
    ]);
    expect(shownText(events)).toBe(`I look.${ANSWER}`);
    expect(events.flatMap((event) => (event.type === 'tool-call-end' ? [event.outcome] : []))).toEqual([
      'complete',
      'complete',
      'complete',
      'complete',
    ]);

    // What OpenAI got for turn 2.
    const [turn2, turn4] = openai.requests.map(({ body }) => body);
    expect(JSON.stringify(turn2)).not.toMatch(/Anthropic thinks|signature|thinking|This is void|raincoat/);
    expect(turn2?.messages).toMatchObject([
      { role: 'system' },
      { role: 'user' },
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [
          { id: 'toolu_01A', function: { name: 'tools__weather', arguments: '{"city":"Bonn"}' } },
          { id: 'toolu_01B', function: { name: 'tools__picture' } },
        ],
      },
      { role: 'tool', tool_call_id: 'toolu_01A', content: expect.stringContaining('Bonn: 21 degrees') },
      { role: 'tool', tool_call_id: 'toolu_01B' },
      { role: 'user', content: [{ type: 'text' }, { type: 'image_url' }] },
    ]);

    // What Anthropic got for turn 3: its own thinking as it came, and none for OpenAI's turn.
    const turn3 = anthropic.requests
      .map(({ body }) => body)
      .find((body) => listOf(body.messages).length === 5);
    expect(JSON.stringify(turn3)).not.toMatch(/OpenAI reasons|reasoning|raincoat/);
    expect(turn3?.messages).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Anthropic thinks of Bonn.', signature: signature('first') },
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 'toolu_01A' },
          { type: 'tool_use', id: 'toolu_01B' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_01A' },
          { type: 'tool_result', content: [{ type: 'image' }] },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', name: 'tools__order' }] },
      { role: 'user', content: [{ type: 'tool_result' }] },
    ]);
    const [, , , call, result] = listOf(turn3?.messages);
    const callId = JSON.stringify(call).match(/"id":"([^"]+)"/)?.[1];
    expect(callId).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(JSON.stringify(result)).toContain(`"tool_use_id":"${callId}"`);

    // What OpenAI got for turn 4: its own call under an id that it takes, and its own reasoning.
    expect(JSON.stringify(turn4)).not.toMatch(/Anthropic thinks|signature/);
    const own = listOf(turn4?.messages).filter((message) => JSON.stringify(message).includes('tools__order'));
    expect(own[0]).toMatchObject({ role: 'assistant', reasoning_content: 'OpenAI reasons about rain.' });
    const ids = [...JSON.stringify(turn4).matchAll(/"(?:id|tool_call_id)":"([^"]+)"/g)].map(([, id]) => id);
    expect(ids.every((id) => id !== undefined && id.length <= 40)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length / 2);

    // A resumed run goes the same way from every row.
    second = overloaded;
    const stored = events.filter((event): event is StoredEvent => 'number' in event);
    const outcomes = await resumedOutcomes({ ...opened, run: noRun }, { runId: handle.id, events: stored });
    expect(outcomes.length).toBeGreaterThan(20);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ type: 'done', output: { text: ANSWER } });
  }, 60_000);
});

test('a run that was left goes on with another default provider, and with the first one again', async () => {
  const silence: ModelReply = { type: 'silence' };
  await using providers = await startTwoProviders({
    anthropic: (turn, request) =>
      turn === 3 ? { type: 'answer', text: ANSWER } : anthropicTurns(() => silence)(turn, request),
    openai: (turn, request) => (turn === 2 ? openaiTurns(turn, request) : silence),
  });
  const { candidates, openai, anthropic } = providers;
  await using folder = await temporaryFolder('other-default');
  let runId: string;
  {
    await using opened = await openHost([candidates.anthropic], folder.path);
    runId = (await opened.host.ask('How warm is it, and do I need an umbrella?')).id;
    await expect.poll(() => anthropic.requests.length, { timeout: 30_000 }).toBe(2);
    await opened.host.engine.close({ graceMs: 0 });
  }
  {
    await using opened = await openHost([candidates.openai, candidates.anthropic], folder.path);
    await opened.host.resume(runId);
    await expect.poll(() => openai.requests.length, { timeout: 30_000 }).toBe(2);
    expect(JSON.stringify(openai.requests.map(({ body }) => body))).not.toMatch(/Anthropic thinks|signature/);
    expect(anthropic.requests).toHaveLength(2);
    await opened.host.engine.close({ graceMs: 0 });
  }
  await using opened = await openHost([candidates.anthropic], folder.path);
  const handle = await opened.host.resume(runId);
  expect(await handle.result).toMatchObject({ type: 'done', output: { text: ANSWER } });
  const last = JSON.stringify(anthropic.requests.at(-1)?.body);
  expect(last).toContain(signature('first'));
  expect(last).not.toContain('OpenAI reasons');
  expect(await opened.host.engine.replay(runId)).toMatchObject({ type: 'identical', complete: true });
}, 60_000);

test('a run that was left goes on with a model that takes less than the one it began with', async () => {
  await using providers = await startTwoProviders({
    anthropic: anthropicTurns(() => ({ type: 'silence' })),
    openai: () => ({ type: 'answer', text: ANSWER }),
  });
  const { candidates, openai, anthropic } = providers;
  await using folder = await temporaryFolder('takes-less');
  let runId: string;
  {
    await using opened = await openHost([candidates.anthropic], folder.path);
    runId = (await opened.host.ask('How warm is it?')).id;
    await expect.poll(() => anthropic.requests.length, { timeout: 30_000 }).toBe(2);
    expect(JSON.stringify(anthropic.requests[1]?.body)).toContain('"type":"image"');
    await opened.host.engine.close({ graceMs: 0 });
  }
  const smaller = { ...candidates.openai, accepts: [], maxTools: 3 };
  await using opened = await openHost([smaller], folder.path);
  const handle = await opened.host.resume(runId);
  const events = await eventsOf(handle);
  expect(await handle.result).toMatchObject({ type: 'done', output: { text: ANSWER } });
  expect(openai.requests[0]?.toolNames).toHaveLength(3);
  expect(JSON.stringify(events.filter(({ type }) => type === 'notice'))).toContain(
    'takes no more than 3 tools',
  );
  const sent = JSON.stringify(openai.requests[0]?.body);
  expect(sent).not.toContain('image_url');
  expect(sent).toContain('an image of type image/png');
}, 60_000);

function noRun(): never {
  throw new Error('not used');
}

function restarts(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'step-restart' ? [event.reason] : []));
}

function modelEnds(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'model-end' ? [event.model] : []));
}

/** The text as a reader shows it that drops what a restart voids. */
function shownText(events: readonly RunEvent[]): string {
  let shown = '';
  let open = '';
  for (const event of events) {
    if (event.type === 'text-delta') open += event.text;
    if (event.type === 'step-restart') open = '';
    if (event.type === 'model-end') {
      shown += open;
      open = '';
    }
  }
  return shown;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
