import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { HOST_TOOLS } from '../../src/config/workflow-name.ts';
import { servedShapes, workflowShapes } from '../../src/config/workflow-shape.ts';
import { TOOL_SEARCH } from '../../src/host/agent/tool-offer.ts';
import { RESULT_TOOL_DEFINITIONS } from '../../src/host/result/result-tools.ts';
import { RUN_TOOL_DEFINITIONS } from '../../src/host/serve/run/run-tools.ts';
import { type ConfigFolder, configFolder, failureOf } from './config-folder.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = configFolder();
});
afterEach(() => folder[Symbol.dispose]());

const load = (config: unknown) => folder.loadText(JSON.stringify(config, null, 1));
const AGENT = { agent: { tools: [] } };
const TOLD = { description: 'Does it.', ...AGENT };
const OBJECT = { type: 'object', properties: { a: { type: 'string' } } };

test('the names that are taken are those of the host’s own tools', () => {
  const tools = [...RUN_TOOL_DEFINITIONS, ...RESULT_TOOL_DEFINITIONS].map(({ name }) => name);
  expect(HOST_TOOLS.map((name) => `switchyard__${name}`).sort()).toEqual([...tools, TOOL_SEARCH].sort());
});

test('those with a description are served, or those that are named', async () => {
  const workflows = { told: TOLD, part: AGENT, other: { ...TOLD, input: OBJECT } };
  const served = async (serve: object) => {
    const config = await load({ workflows, serve });
    return servedShapes(workflowShapes(config.workflows), config.serve).map(({ name }) => name);
  };
  expect(await served({})).toEqual(['told', 'other']);
  expect(await served({ workflows: ['other'] })).toEqual(['other']);
  expect(await served({ workflows: [] })).toEqual([]);
});

test('what a workflow gives is known where its last step says so', () => {
  const list = { type: 'array' };
  const shapes = workflowShapes({
    words: AGENT,
    shaped: { agent: { output: OBJECT } },
    chained: { chain: ['words', { chain: ['shaped'] }] },
    sides: { parallel: { parts: { a: 'words', b: { pause: { ms: 1 } } } } },
    each: { map: { each: 'shaped' } },
    collected: { map: { each: 'shaped', onFailure: 'collect' } },
    unknown: { chain: ['words', { gate: { matches: '.' } }] },
  });
  expect(Object.fromEntries(shapes.map(({ name, output }) => [name, output]))).toEqual({
    words: { type: 'string' },
    shaped: OBJECT,
    chained: OBJECT,
    sides: { type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a', 'b'] },
    each: { ...list, items: OBJECT },
    collected: list,
    unknown: undefined,
  });
});

describe('a fault is told with its place', () => {
  test.each([
    [
      'a tool of the host itself',
      { workflows: { ask: TOLD } },
      'workflows.ask',
      'which is a tool of the host itself',
    ],
    [
      'a name that leads nowhere',
      { workflows: { trees: TOLD }, serve: { workflows: ['treees'] } },
      'serve.workflows[0]',
      "There are trees. Did you mean 'trees'?",
    ],
    [
      'nothing said of it',
      { workflows: { trees: AGENT }, serve: { workflows: ['trees'] } },
      'serve.workflows[0]',
      "has no 'description'",
    ],
    [
      'an input of a step',
      { workflows: { all: { chain: [{ ...AGENT, input: OBJECT }] } } },
      'workflows.all.chain[0].input',
      "only a workflow with a name of its own under 'workflows' has an 'input'",
    ],
    [
      'an input that is no schema',
      { workflows: { trees: { ...AGENT, input: { type: 'objekt' } } } },
      'workflows.trees.input',
      'is no JSON Schema: ',
    ],
    [
      'an output that is no schema',
      { workflows: { all: { chain: [{ agent: { output: { $ref: '#/nowhere' } } }] } } },
      'workflows.all.chain[0].agent.output',
      'is no JSON Schema: ',
    ],
  ])('%s', async (_what, config, path, message) => {
    const error = await failureOf(load(config));
    const { problems } = error.data as { problems: { line: number }[] };
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ path, message: expect.stringContaining(message) as string });
    expect(problems[0]?.line).toBeGreaterThan(1);
  });
});

test('a workflow that is served to nobody may be called like a tool of the host', async () => {
  const config = await load({ workflows: { ask: AGENT } });
  expect(Object.keys(config.workflows)).toEqual(['ask']);
});
