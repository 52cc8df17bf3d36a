/** Runs of the agent outlive the gateway that began them, however it ends. */
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { linesOf } from '../../fixtures/agent-tools.ts';
import { type AskWorld, askWorld, collected, Gate, textOf, toldRun } from '../../fixtures/ask-world.ts';
import { connectClient, gatewayWorld } from '../../fixtures/gateway.ts';
import type { ModelReply, ScriptedRequest } from '../../fixtures/model/model-server.ts';
import { TEST_KEY } from '../../fixtures/open-host.ts';
import { type TemporaryFolder, temporaryFolder } from '../../fixtures/temporary-folder.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/mcp');

let folder: TemporaryFolder;
let ledger: string;
let asked: AskWorld;
let script: (request: ScriptedRequest, n: number) => ModelReply | Promise<ModelReply>;

beforeEach(async () => {
  folder = await temporaryFolder('ledger');
  ledger = join(folder.path, 'ledger');
  const tools = { command: process.execPath, args: [join(FIXTURES, 'agent-tools.ts'), ledger] };
  asked = await askWorld((request, n) => script(request, n), {
    serve: { detachAfterMs: 1_000 },
    mcpServers: { tools },
  });
});

afterEach(async () => {
  await asked[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Orders something, then takes as long as the gate, and only the first time. */
function orderThenWait(gate: Gate): typeof script {
  return async ({ toolResults }, n) => {
    if (toolResults.length === 0)
      return { type: 'answer', toolCalls: [{ name: 'tools__order', arguments: { thing: 'tea' } }] };
    if (n === 1) await gate.pass();
    return { type: 'answer', text: `Done: ${toolResults.map(({ text }) => text).join()}` };
  };
}

const ask = { name: 'switchyard__ask', arguments: { request: 'Order tea.' } };

test('a gateway is killed in the middle of a run, and the next one goes on with it and gives its answer', async () => {
  const gate = new Gate();
  script = orderThenWait(gate);
  const first = await asked.connect('legacy');
  const { runId, status } = toldRun(await first.client.callTool(ask));
  expect(status).toBe('running');
  await gate.reached;
  process.kill(first.pid, 'SIGKILL');

  const second = await asked.connect('modern', { name: 'another program' });
  const answered = await collected(second.client, runId);
  expect(toldRun(answered)).toMatchObject({ runId, status: 'done', answer: 'Done: ordered tea' });
  // What was done is not done again: only the answer that was cut off is asked for once more.
  expect(linesOf(ledger)).toEqual(['order tea']);
  expect(asked.model.requests).toHaveLength(3);
});

test('a gateway that ends with its client leaves its run to one that is there, whose client waits for it already', async () => {
  const gate = new Gate();
  script = orderThenWait(gate);
  const first = await asked.connect('modern');
  const second = await asked.connect('legacy');
  const { runId } = toldRun(await first.client.callTool(ask));
  await gate.reached;
  const told: string[] = [];
  const waiting = second.client.callTool(
    { name: 'switchyard__run_wait', arguments: { runId } },
    { onprogress: ({ message = '' }) => void told.push(message) },
  );
  await first[Symbol.asyncDispose]();
  await waiting;
  expect(toldRun(await collected(second.client, runId))).toMatchObject({ answer: 'Done: ordered tea' });
  expect(linesOf(ledger)).toEqual(['order tea']);
});

test.each(['modern', 'legacy'] as const)(
  'a %s client that subscribed to a run hears that it has ended',
  async (era) => {
    const gate = new Gate();
    script = orderThenWait(gate);
    const first = await asked.connect('legacy');
    const { runId } = toldRun(await first.client.callTool(ask));
    await gate.reached;
    const uri = `switchyard://runs/${runId}`;
    const updated = Promise.withResolvers<string>();
    const { client } = await asked.connect(era, {
      prepare: (made) =>
        made.setNotificationHandler('notifications/resources/updated', ({ params }) =>
          updated.resolve(params.uri),
        ),
    });
    if (era === 'modern') await client.listen({ resourceSubscriptions: [uri] });
    else await client.subscribeResource({ uri });
    gate.open();
    expect(await updated.promise).toBe(uri);
    const [resource] = (await client.readResource({ uri })).contents;
    expect(JSON.parse((resource as { text: string }).text)).toMatchObject({
      status: 'done',
      answer: 'Done: ordered tea',
      toolsUsed: [{ name: 'tools__order', calls: 1 }],
    });
    if (era === 'legacy') {
      const missing = client.subscribeResource({ uri: `${uri.slice(0, -1)}x` });
      await expect(missing).rejects.toThrow('There is no run');
    }
  },
);

test('an agent that is asked by an agent is told how many may follow', async () => {
  const inner = await gatewayWorld({
    models: { default: [{ model: 'anthropic/inner', baseUrl: asked.model.url, apiKey: TEST_KEY }] },
    mcpServers: { odd: { command: process.execPath, args: [join(FIXTURES, 'odd-wire.ts')] } },
  });
  const gateway = { command: process.execPath, args: [...inner.args], env: { ...inner.env } };
  await using _inner = { [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose]() };
  await using outer = await gatewayWorld({
    models: { default: [{ model: 'anthropic/outer', baseUrl: asked.model.url, apiKey: TEST_KEY }] },
    mcpServers: { inner: gateway },
  });
  script = ({ model, toolResults, toolNames }) => {
    const [result] = toolResults;
    if (result !== undefined) return { type: 'answer', text: result.text };
    const name = model === 'outer' ? 'inner__switchyard__ask' : 'odd__echo_params';
    expect(toolNames).toContain(name);
    const args = model === 'outer' ? { request: 'What are you told?' } : {};
    return { type: 'answer', toolCalls: [{ name, arguments: args }] };
  };
  await using connected = await connectClient(outer, 'modern');
  const told = textOf(
    await connected.client.callTool({ name: 'switchyard__ask', arguments: { request: 'What is told?' } }),
  );
  expect(told).toContain('"switchyard/agents-left":1');
});
