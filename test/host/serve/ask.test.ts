/** The agent as a tool of the gateway: real processes, a scripted model behind them, clients of both eras before them. */
import { afterEach, describe, expect, test } from 'vitest';

import { type AskWorld, askWorld, collected, Gate, textOf, toldRun } from '../../fixtures/ask-world.ts';
import { fixtureEntry } from '../../fixtures/live-host.ts';
import type { ModelReply, ScriptedRequest } from '../../fixtures/model/model-server.ts';

let asked: AskWorld;
let script: (request: ScriptedRequest) => ModelReply | Promise<ModelReply>;

/** Long enough that no answer which is there comes too late, and short where one is to come too late. */
async function open(detachAfterMs = 50_000): Promise<void> {
  asked = await askWorld((request) => script(request), {
    serve: { detachAfterMs },
    budget: { maxTurns: 4 },
    mcpServers: { all: fixtureEntry() },
  });
}

afterEach(() => asked[Symbol.asyncDispose]());

const ask = (request: string) => ({ name: 'switchyard__ask', arguments: { request } });
const wait = (runId: string, more: object = {}) => ({
  name: 'switchyard__run_wait',
  arguments: { runId, ...more },
});

describe.each(['modern', 'legacy'] as const)('a %s client', (era) => {
  const other = era === 'modern' ? 'legacy' : 'modern';

  test('is answered at once, with what it used, and hears what happens meanwhile', async () => {
    await open();
    script = ({ toolResults }) =>
      toolResults.length === 0
        ? { type: 'answer', toolCalls: [{ name: 'all__add', arguments: { a: 40, b: 2 } }] }
        : { type: 'answer', text: `It is ${toolResults[0]?.text}.` };
    const client = (await asked.connect(era)).client;
    const { tools } = await client.listTools();
    expect(tools.find(({ name }) => name === 'switchyard__ask')?.annotations).toMatchObject({
      readOnlyHint: false,
      openWorldHint: true,
    });
    const told: string[] = [];
    const result = await client.callTool(ask('What is 40 and 2?'), {
      onprogress: ({ message = '' }) => void told.push(message),
    });
    expect(result.isError).toBeFalsy();
    expect(result.content).toEqual([{ type: 'text', text: 'It is 42.' }]);
    expect(toldRun(result)).toMatchObject({
      status: 'done',
      answer: 'It is 42.',
      origin: 'model',
      toolsUsed: [{ name: 'all__add', calls: 1 }],
      usage: { turns: 2, toolCalls: 1, inputTokens: 200, outputTokens: 40 },
    });
    expect(told.join('\n')).toMatch(/Turn 1: anthropic\/scripted[\s\S]*Calling all__add[\s\S]*Turn 2/);
    // Recursion begins nowhere: the agent has none of the tools that it is.
    expect(asked.model.requests[0]?.toolNames.filter((name) => name.includes('switchyard'))).toEqual([]);
  });

  test('is answered with the run when it takes long, and a client of the other era collects the answer', async () => {
    await open(1_000);
    const gate = new Gate();
    script = async () => {
      await gate.pass();
      return { type: 'answer', text: 'Late, but here.' };
    };
    const client = (await asked.connect(era)).client;
    const result = await client.callTool(ask('Take your time.'));
    expect(result.isError).toBeFalsy();
    const { runId, status, next } = toldRun(result);
    expect(status).toBe('running');
    expect(next).toContain('switchyard__run_wait');
    await gate.reached;
    const uri = `switchyard://runs/${runId}`;
    expect(result.content[1]).toMatchObject({ type: 'resource_link', uri, mimeType: 'application/json' });
    const [resource] = (await client.readResource({ uri })).contents;
    expect(JSON.parse((resource as { text: string }).text)).toMatchObject({
      runId,
      status: 'running',
      request: 'Take your time.',
      events: [{ text: 'Turn 1: anthropic/scripted is asked' }],
    });

    const second = (await asked.connect(other, { name: 'another program' })).client;
    expect(toldRun(await second.callTool(wait(runId, { timeoutMs: 0 })))).toMatchObject({
      status: 'running',
    });
    const waiting = collected(second, runId);
    gate.open();
    const answered = await waiting;
    expect(toldRun(answered)).toMatchObject({ runId, status: 'done', answer: 'Late, but here.' });
    expect(textOf(answered)).toBe('Late, but here.');
    // It stays there for whoever comes again.
    expect(toldRun(await client.callTool(wait(runId)))).toMatchObject({ answer: 'Late, but here.' });
    expect(asked.model.requests).toHaveLength(1);
  });
});
