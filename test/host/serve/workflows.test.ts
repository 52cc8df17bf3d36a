/** Workflows as tools of the gateway: real processes, a scripted model behind them, clients of both eras before them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { type AskWorld, askWorld, collected, Gate, textOf, toldRun } from '../../fixtures/ask-world.ts';
import type { ModelReply, ScriptedRequest } from '../../fixtures/model/model-server.ts';
import type { JsonObject } from '../../../src/json.ts';

let asked: AskWorld;
afterEach(() => asked[Symbol.asyncDispose]());

type Script = (request: ScriptedRequest) => ModelReply | Promise<ModelReply>;

const LONG = 'writes_one_page_about_everything_that_was_found_out';
const TREES = {
  type: 'object',
  properties: { trees: { type: 'array', items: { type: 'string' } } },
  required: ['trees'],
};

const WORKFLOWS: JsonObject = {
  part: { agent: { instructions: 'PART', tools: [] } },
  research: { description: 'Finds and writes.', chain: ['part', { name: 'write', agent: { tools: [] } }] },
  trees: {
    description: 'Names trees of a place.',
    input: {
      type: 'object',
      properties: { place: { type: 'string' }, count: { type: 'integer', minimum: 1 } },
      required: ['place'],
      additionalProperties: false,
    },
    agent: { tools: [], output: TREES },
  },
  each: {
    description: 'Works on each.',
    input: { type: 'array', items: { $ref: '#/$defs/word' }, $defs: { word: { type: 'string' } } },
    map: { each: 'part' },
  },
  [LONG]: { description: 'Has a long name.', agent: { tools: [] } },
};

const open = async (script: Script, config: JsonObject = {}): Promise<void> => {
  asked = await askWorld(script, { workflows: WORKFLOWS, ...config });
};

const answering: Script = ({ userText }) => ({ type: 'answer', text: `on ${userText}` });

describe.each(['modern', 'legacy'] as const)('a %s client', (era) => {
  test('has each workflow that says what it does as a tool, with what it takes and gives', async () => {
    await open(answering);
    const { client } = await asked.connect(era);
    const tools = new Map((await client.listTools()).tools.map((tool) => [tool.name, tool]));
    expect([...tools.keys()].filter((name) => !/ask|run_|result_/.test(name))).toEqual([
      'switchyard__each',
      'switchyard__research',
      'switchyard__trees',
      expect.stringMatching(/^switchyard__writes_one_page_.*_[0-9a-f]{8}$/) as string,
    ]);
    for (const name of tools.keys()) expect(name.length).toBeLessThanOrEqual(47);
    expect(tools.get('switchyard__research')).toMatchObject({
      description: expect.stringMatching(/^Finds and writes\./) as string,
      inputSchema: { properties: { request: { type: 'string' } }, required: ['request'] },
    });
    expect(tools.get('switchyard__trees')).toMatchObject({
      inputSchema: { required: ['place'] },
      outputSchema: { properties: { output: TREES, status: { type: 'string' } } },
    });
    const { inputSchema } = tools.get('switchyard__each') ?? {};
    expect(inputSchema).toMatchObject({
      properties: { input: { items: { $ref: '#/properties/input/$defs/word' } } },
      required: ['input'],
    });
  });

  test('is answered by a durable run, and hears in which branch what happens', async () => {
    await open(answering);
    const { client } = await asked.connect(era);
    const told: string[] = [];
    const result = await client.callTool(
      { name: 'switchyard__research', arguments: { request: 'oaks' } },
      { onprogress: ({ message = '' }) => void told.push(message) },
    );
    expect(textOf(result)).toBe('on on oaks');
    const { runId } = toldRun(result);
    expect(toldRun(result)).toMatchObject({ status: 'done', answer: 'on on oaks', usage: { turns: 2 } });
    expect(told.join('\n')).toMatch(
      /▸ 1:part \(agent\)\n1:part: Turn 1.*\n✓ 1:part done\n▸ 2:write \(agent\)\n2:write: Turn 1/,
    );
    const [resource] = (await client.readResource({ uri: `switchyard://runs/${runId}` })).contents;
    expect(JSON.parse((resource as { text: string }).text)).toMatchObject({
      request: 'oaks',
      status: 'done',
    });
  });

  test('has what is more than words as structured content, and a list in its place', async () => {
    await open(({ userText, toolNames }) =>
      toolNames.includes('answer')
        ? { type: 'answer', toolCalls: [{ name: 'answer', arguments: { trees: [userText] } }] }
        : { type: 'answer', text: `on ${userText}` },
    );
    const { client } = await asked.connect(era);
    // The SDK's client checks it against the output schema.
    const trees = await client.callTool({ name: 'switchyard__trees', arguments: { place: 'Kyoto' } });
    const { output } = trees.structuredContent as { output: { trees: readonly string[] } };
    expect(JSON.parse(output.trees[0] ?? '')).toEqual({ place: 'Kyoto' });
    const each = await client.callTool({ name: 'switchyard__each', arguments: { input: ['oak', 'ash'] } });
    expect(each.structuredContent).toMatchObject({ output: ['on oak', 'on ash'] });
  });

  test('is told what does not fit before any run begins', async () => {
    await open(answering);
    const { client } = await asked.connect(era);
    const misfit = await client.callTool({
      name: 'switchyard__trees',
      arguments: { plac: 'Kyoto', count: 0 },
    });
    expect(misfit.isError).toBe(true);
    expect(textOf(misfit)).toMatch(/"place" is missing.*"plac" is not known; nearest is "place".*>= 1/);
    const words = await client.callTool({ name: 'switchyard__each', arguments: { input: [1] } });
    expect(textOf(words)).toContain('arguments.input.0: must be string');
    expect(asked.model.requests).toEqual([]);
  });

  test('is given the run when it takes long, and another client collects what it gave', async () => {
    const gate = new Gate();
    await open(
      async () => {
        await gate.pass();
        return { type: 'answer', text: 'late' };
      },
      { serve: { detachAfterMs: 1_000 } },
    );
    const { client } = await asked.connect(era);
    const result = await client.callTool({ name: 'switchyard__research', arguments: { request: 'oaks' } });
    expect(toldRun(result)).toMatchObject({ status: 'running' });
    const other = (await asked.connect(era === 'modern' ? 'legacy' : 'modern', { name: 'another' })).client;
    gate.open();
    expect(toldRun(await collected(other, toldRun(result).runId))).toMatchObject({ answer: 'late' });
  });
});

test('only the workflows that are named are tools, and an edit of the config is told', async () => {
  await open(answering, { serve: { workflows: ['research'] } });
  let changes = 0;
  const { client } = await asked.connect('legacy', {
    prepare: (one) =>
      one.setNotificationHandler('notifications/tools/list_changed', () => {
        changes += 1;
      }),
  });
  const names = async (): Promise<string[]> =>
    (await client.listTools()).tools.map(({ name }) => name).filter((name) => !/ask|run_|result_/.test(name));
  expect(await names()).toEqual(['switchyard__research']);
  // A call opens the host, which watches its config.
  await client.callTool({ name: 'switchyard__research', arguments: { request: 'oaks' } });
  const file = join(asked.world.work, 'config.json');
  const written = JSON.parse(await readFile(file, 'utf8')) as JsonObject;
  await expect
    .poll(
      async () => {
        await writeFile(file, JSON.stringify({ ...written, serve: { workflows: ['trees', 'each'] } }));
        return await names();
      },
      { timeout: 60_000, interval: 1_000 },
    )
    .toEqual(['switchyard__each', 'switchyard__trees']);
  await expect.poll(() => changes, { timeout: 30_000 }).toBeGreaterThan(0);
});

test('a rule that denies the tool denies the workflow', async () => {
  await open(answering, {
    approvals: [{ tool: 'switchyard__research', decision: 'deny', reason: 'not today' }],
  });
  const { client } = await asked.connect('modern');
  const result = await client.callTool({ name: 'switchyard__research', arguments: { request: 'oaks' } });
  expect(textOf(result)).toBe('switchyard__research was not run: not today.');
});

test('a gateway is killed in the middle of a workflow, and the next one goes on with what is left of it', async () => {
  const gate = new Gate();
  let isKilled = false;
  await open(
    async ({ userText }) => {
      if (userText.startsWith('on ') && !isKilled) await gate.pass();
      return { type: 'answer', text: `on ${userText}` };
    },
    { serve: { detachAfterMs: 1_000 } },
  );
  const first = await asked.connect('modern');
  const call = { name: 'switchyard__research', arguments: { request: 'oaks' } };
  const { runId } = toldRun(await first.client.callTool(call));
  await gate.reached;
  isKilled = true;
  process.kill(first.pid, 'SIGKILL');
  const second = await asked.connect('legacy', { name: 'another program' });
  expect(toldRun(await collected(second.client, runId))).toMatchObject({
    status: 'done',
    answer: 'on on oaks',
  });
  // The first step was paid for once.
  expect(asked.model.requests.filter(({ userText }) => userText === 'oaks')).toHaveLength(1);
  gate.open();
});
