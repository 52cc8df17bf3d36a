/** A small model's questions over real servers; only its words are scripted. */
import { mkdirSync, readFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { loadConfig } from '../../../src/config/load-config.ts';
import { MemoryJournals } from '../../../src/host/engine/memory.ts';
import { createHost, type Host } from '../../../src/host/host.ts';
import { denyAll } from '../../../src/host/tool-call/policy.ts';
import {
  installScriptedRuntime,
  type Rule,
  scriptLog,
  writeScript,
} from '../../fixtures/local/scripted-model.ts';
import { eventsOf } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const BANNER = 'Small local model: one tool per question';
const AGENT_TOOLS = {
  command: process.execPath,
  args: [join(FIXTURES, 'mcp/agent-tools.ts')],
} as const;
const RETRIEVAL = { builtin: 'retrieval', sources: ['docs'] } as const;

interface World extends AsyncDisposable {
  readonly host: Host;
  /** What is said, without the banner, and the names of the tools that were called. */
  ask(request: string): Promise<{ readonly said: string; readonly tools: readonly string[] }>;
  /** Requests that the model was asked for so far. */
  generations(): readonly { readonly schema?: unknown; readonly history: unknown }[];
}

async function openWorld(
  rules: readonly Rule[],
  servers: Record<string, unknown>,
  settings: Record<string, unknown> = {},
): Promise<World> {
  const folder = await temporaryFolder('single-tool');
  const work = join(folder.path, 'work');
  const home = join(folder.path, 'home');
  mkdirSync(join(work, 'docs'), { recursive: true });
  await copyFile(join(FIXTURES, 'orchard.md'), join(work, 'docs', 'orchard.md'));
  installScriptedRuntime(home);
  const model = writeScript(join(work, 'model.gguf'), rules);
  const configFile = join(work, 'servers.json');
  const models = { default: { model: 'local/test', file: 'model.gguf', tools: 'grammar' } };
  await writeFile(configFile, JSON.stringify({ mcpServers: servers, models, ...settings }));
  const env = { OLLAMA_HOST: '127.0.0.1:9' };
  const config = await loadConfig({ configFile, workingFolder: work, homeFolder: home, env });
  const host = await createHost({
    config,
    homeFolder: home,
    workingFolder: work,
    env,
    log: () => undefined,
    policy: denyAll('test', 'nobody is here'),
    journals: new MemoryJournals(),
  });
  return {
    host,
    async ask(request) {
      const run = await host.ask(request);
      const events = await eventsOf(run);
      const outcome = await run.result;
      if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
      expect(outcome.output.text).toContain(BANNER);
      expect(events).toContainEqual(expect.objectContaining({ type: 'text', text: outcome.output.text }));
      expect(events.filter(({ type }) => type === 'text-delta')).toEqual([]);
      const tools = events.flatMap((event) => (event.type === 'tool-call-start' ? [event.name] : []));
      return { said: outcome.output.text.split('\n').slice(2).join('\n'), tools };
    },
    generations: () =>
      scriptLog(model)
        .filter(({ event }) => event === 'generate')
        .map(({ schema, history }) => ({ schema, history })),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const call = (name: string, args: object): string => JSON.stringify({ name, arguments: args });
const ABSENT = '{"answer":"not in the text"}';

describe('what goes wrong', () => {
  test('a request to write something calls nothing and asks no model', async () => {
    await using world = await openWorld([], { tools: AGENT_TOOLS });
    const { said, tools } = await world.ask('Please write a poem about the sea and save it as poem.txt.');
    expect(said).toMatch(/only looks things up/);
    expect(tools).toEqual([]);
    expect(world.generations()).toEqual([]);
  });

  test('a tool that is not read-only is never offered, however plainly it is named', async () => {
    await using world = await openWorld([{ when: 'Text: ', say: ABSENT }], {
      tools: AGENT_TOOLS,
      retrieval: RETRIEVAL,
    });
    const { tools } = await world.ask('Which thing does the order tool order?');
    expect(tools).toEqual(['retrieval__search']);
    expect(JSON.stringify(world.generations())).not.toContain('tools__order');
  });

  test('a call that is not copied from the question is decoded again without that tool, then documents are searched', async () => {
    await using world = await openWorld(
      [
        { when: 'Text: .*Edith', say: '{"answer":"Edith Marlow"}' },
        { when: 'Text: ', say: ABSENT },
        { when: 'weather', say: call('tools__weather', { city: 'San Francisco' }) },
      ],
      { tools: AGENT_TOOLS, retrieval: RETRIEVAL },
    );
    const { said, tools } = await world.ask('Who planted the orchard, and how was the weather?');
    expect(tools).toEqual(['retrieval__search']);
    expect(said).toMatch(/Edith Marlow[\s\S]*— docs\/orchard\.md:3$/);
    const [first, second] = world.generations();
    expect(JSON.stringify(first?.schema)).toContain('tools__weather');
    expect(JSON.stringify(second?.schema)).not.toContain('tools__weather');
  });

  test('a tool that fails is told, and the model is not asked to make something of it', async () => {
    await using world = await openWorld(
      [{ when: 'file', say: call('filesystem__read_file', { path: 'docs/none.md' }) }],
      { filesystem: { builtin: 'filesystem' } },
    );
    const { said } = await world.ask('What does the file docs/none.md say?');
    expect(said).toMatch(/^filesystem__read_file failed: .*none\.md/);
    expect(world.generations()).toHaveLength(1);
  });

  test('a restatement that holds more than the result is not shown', async () => {
    await using world = await openWorld(
      [
        { when: 'Result of', say: 'In Paris it is 25 degrees.' },
        { when: 'weather', say: call('tools__weather', { city: 'Paris' }) },
      ],
      { tools: AGENT_TOOLS },
    );
    const { said } = await world.ask('How is the weather in Paris?');
    expect(said).toBe('tools__weather {"city":"Paris"} said:\nParis: 21 degrees');
  });

  test('an answer that is not copied from the sentence does not count', async () => {
    await using world = await openWorld(
      [{ when: 'Text: ', say: '{"answer":"Napoleon Bonaparte himself"}' }],
      { retrieval: RETRIEVAL },
    );
    const { said } = await world.ask('Who planted the orchard at Highfield?');
    expect(said).toMatch(/^The passages that were found do not hold the answer/);
  });

  test('a model that cannot be loaded fails the run with what to do', async () => {
    await using world = await openWorld([{ when: 'Text', fail: 'bad magic' }], { retrieval: RETRIEVAL });
    const outcome = await (await world.host.ask('Who planted the orchard?')).result;
    expect(outcome).toMatchObject({
      type: 'failed',
      error: { code: 'model-failed', message: expect.stringContaining('bad magic') },
    });
  });

  test('a sentence that a guard refuses is not shown', async () => {
    const guards = { content: [{ deny: ['Marlow'], stages: ['output'] }] };
    await using world = await openWorld(
      [{ when: 'Text: ', say: '{"answer":"Edith"}' }],
      { retrieval: RETRIEVAL },
      { guards },
    );
    const run = await world.host.ask('Who planted the orchard at Highfield?');
    const events = await eventsOf(run);
    expect(await run.result).toMatchObject({ type: 'failed', error: { code: 'answer-withheld' } });
    expect(events.filter(({ type }) => type === 'text')).toEqual([]);
  });

  test('a limit on turns ends the reading', async () => {
    await using world = await openWorld([{ when: 'Text', say: ABSENT }], { retrieval: RETRIEVAL });
    const run = await world.host.ask('Who planted the orchard?', { budget: { maxTurns: 2 } });
    expect(await run.result).toMatchObject({ type: 'stopped', limit: 'turns' });
    expect(world.generations()).toHaveLength(2);
  });
});

test('the sentence that answers is shown verbatim with its place, read best first', async () => {
  await using world = await openWorld(
    [
      { when: 'Text: .*310', say: '{"answer":"310"}' },
      { when: 'Text: ', say: ABSENT },
    ],
    { retrieval: RETRIEVAL },
  );
  const { said, tools } = await world.ask('How many trees stand in the orchard today?');
  expect(tools).toEqual(['retrieval__search']);
  const [sentence = '', place] = said.split('\n');
  const source = readFileSync(join(FIXTURES, 'orchard.md'), 'utf8').replaceAll(/\s+/g, ' ');
  expect(source).toContain(sentence);
  expect(sentence).toContain('310');
  expect(place).toBe('  — docs/orchard.md:3');
});

test('where no sentence answers, that is said, with the nearest ones', async () => {
  await using world = await openWorld([{ when: 'Text: ', say: ABSENT }], { retrieval: RETRIEVAL });
  const { said } = await world.ask('Which football club does the warden support?');
  expect(said).toMatch(/^The passages that were found do not hold the answer\. The nearest ones:\n\n/);
  expect(said.match(/— docs\/orchard\.md/g)).toHaveLength(3);
});

test('a result is restated with the result below', async () => {
  await using world = await openWorld(
    [
      { when: 'Result of', say: 'It is 21 degrees in Paris.' },
      { when: 'weather', say: call('tools__weather', { city: 'Paris' }) },
    ],
    { tools: AGENT_TOOLS },
  );
  const { said, tools } = await world.ask('How is the weather in Paris?');
  expect(tools).toEqual(['tools__weather']);
  expect(said).toBe('It is 21 degrees in Paris.\n\ntools__weather {"city":"Paris"} said:\nParis: 21 degrees');
});

test('a run is replayed from its journal without asking the model or calling the tool again', async () => {
  await using world = await openWorld(
    [
      { when: 'Result of', say: 'It is 21 degrees in Paris.' },
      { when: 'weather', say: call('tools__weather', { city: 'Paris' }) },
    ],
    { tools: AGENT_TOOLS },
  );
  const run = await world.host.ask('How is the weather in Paris?');
  const outcome = await run.result;
  const before = world.generations().length;
  expect(outcome.type).toBe('done');
  expect(await world.host.engine.replay(run.id)).toMatchObject({ type: 'identical', complete: true });
  expect(world.generations()).toHaveLength(before);
});

test.each([
  ['Hi there!', /^Hello/],
  ['thank you very much', /^You are welcome/],
  ['What can you do?', /one reading tool/],
])('%s is answered by the host', async (request, answer) => {
  await using world = await openWorld([], {});
  const { said, tools } = await world.ask(request);
  expect(said).toMatch(answer);
  expect(tools).toEqual([]);
});
