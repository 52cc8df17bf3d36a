/** Edits of the config while the host runs: real files, real servers. */
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { trustConfig } from '../../src/config/trust.ts';
import { watchConfig } from '../../src/config/watch.ts';
import type { JsonObject } from '../../src/json.ts';
import type { TrustQuestion } from '../../src/config/trust.ts';
import { fixtureEntry, openLiveHost } from '../fixtures/live-host.ts';
import { startModelServer } from '../fixtures/model/model-server.ts';
import { eventsOf } from '../fixtures/open-host.ts';
import { processesWith } from '../fixtures/processes.ts';

const ONE = fixtureEntry();
const BOTH = { mcpServers: { one: ONE, two: fixtureEntry() } };

test('an edit applies to what it touches; the servers that it leaves alone keep their processes', async () => {
  await using live = await openLiveHost({ config: BOTH, confirmConfig: async () => true });
  const { host } = live;
  await host.registry.ready();
  const [one, two] = [live.pid('one'), live.pid('two')];
  await live.edit({
    mcpServers: { one: ONE, two: fixtureEntry({ tools: { deny: ['add'] } }) },
    budget: { maxTurns: 3 },
    logs: { level: 'debug' },
  });
  expect([live.pid('one'), live.pid('two')]).toEqual([one, two]);
  expect(host.registry.catalog().tools.map(({ name }) => name)).not.toContain('two__add');
  expect(host.config.budget.maxTurns).toBe(3);
  expect(live.configs.at(-1)?.logs.level).toBe('debug');
  expect(live.notices).toMatchObject([
    { type: 'config-applied', data: { changed: ['two'], added: [], settings: ['budget', 'logs'] } },
  ]);
  expect(live.entries.filter(({ event }) => event === 'config-applied')).toHaveLength(1);

  // A comment is no change worth telling.
  await live.edit(`// note\n${JSON.stringify(host.config.source?.written)}`);
  expect(live.notices).toHaveLength(1);
});

test.each<[string, (file: string) => Promise<unknown>, RegExp]>([
  ['a typo', (file) => writeFile(file, '{"mcpServers": {}, "budgett": {}}'), /Did you mean 'budget'/],
  ['half a file', (file) => writeFile(file, '{"mcpServers": {"one": {"comm'), /1:\d+/],
  ['an empty file', (file) => writeFile(file, ''), /empty/],
  [
    'a wrong pattern',
    (file) => writeFile(file, '{"approvals": [\n{"arguments": {"path": "a("}, "decision": "deny"}]}'),
    /2:\d+ approvals\[0\]\.arguments\.path: is no pattern/,
  ],
  ['a deleted file', (file) => rm(file), /is gone/],
  [
    'a folder in its place',
    async (file) => {
      await rm(file);
      await mkdir(file);
    },
    /folder/,
  ],
  ['a file of 5 MB', (file) => writeFile(file, `{"a": "${'x'.repeat(5_000_000)}"}`), /bytes/],
  ['a file that may not be read', (file) => chmod(file, 0), process.getuid?.() === 0 ? /^$/ : /EACCES/],
])(
  '%s keeps the old config, is told, and ends when the file is mended',
  async (_what, breakFile, message) => {
    await using live = await openLiveHost({ config: { mcpServers: { one: ONE }, budget: { maxTurns: 7 } } });
    const { host, file } = live;
    await host.registry.ready();
    const pid = live.pid('one');
    await breakFile(file);
    await host.reloadConfig();
    if (message.source === '^$') return;
    expect(host.configStatus).toMatchObject({ state: 'rejected', message: expect.stringMatching(message) });
    expect(live.notices).toMatchObject([{ type: 'config-rejected', level: 'warn' }]);
    expect(live.notices[0]?.message).toMatch(/stays in use/);
    expect(live.entries.some(({ event }) => event === 'config-rejected')).toBe(true);
    expect(host.config.budget.maxTurns).toBe(7);
    expect(live.pid('one')).toBe(pid);
    expect(await host.registry.call('one__add', { a: 1, b: 2 }, {})).toMatchObject({ type: 'complete' });

    await rm(file, { recursive: true, force: true });
    await live.edit({ mcpServers: { one: ONE }, budget: { maxTurns: 8 } });
    expect(host.configStatus).toMatchObject({ state: 'current' });
    expect(host.config.budget.maxTurns).toBe(8);
    expect(live.pid('one')).toBe(pid);
  },
);

test('a new server waits where nobody can be asked; harmless changes apply, and config trust elsewhere frees it', async () => {
  await using live = await openLiveHost({ config: { mcpServers: { one: ONE } } });
  const { host, file, home } = live;
  await host.registry.ready();
  const pid = live.pid('one');
  const added = fixtureEntry({ env: { MARK: 'added' }, start: 'at-start' });
  await live.edit({ mcpServers: { one: ONE, added }, budget: { maxTurns: 4 } });
  expect(host.configStatus).toMatchObject({
    state: 'waits',
    launches: [{ id: 'mcpServers.added', summary: expect.stringContaining('sets MARK') }],
  });
  expect(live.notices[0]).toMatchObject({ type: 'config-waits', level: 'warn' });
  expect(live.notices[0]?.message).toContain(`switchyard config trust ${file}`);
  expect(host.config.budget.maxTurns).toBe(4);
  expect(host.registry.servers().map(({ name }) => name)).toEqual(['one']);

  await trustConfig(file, home);
  await host.reloadConfig();
  expect(host.configStatus.state).toBe('current');
  await host.registry.ready();
  expect(live.pid('added')).toBeGreaterThan(0);
  expect(live.pid('one')).toBe(pid);
});

test('a changed command waits while the old one goes on; a yes applies what was shown', async () => {
  const questions: TrustQuestion[] = [];
  const answer = Promise.withResolvers<boolean>();
  await using live = await openLiveHost({
    config: BOTH,
    foundInFolder: true,
    confirmConfig: (question) => {
      questions.push(question);
      return answer.promise;
    },
  });
  const { host } = live;
  await host.registry.ready();
  const [one, two] = [live.pid('one'), live.pid('two')];
  const changed = { mcpServers: { one: ONE, two: fixtureEntry({ env: { MARK: 'x' } }) } };
  await live.edit(changed);
  expect(questions).toMatchObject([{ launches: [{ id: 'mcpServers.two' }] }]);
  expect([live.pid('one'), live.pid('two')]).toEqual([one, two]);
  expect(await host.registry.call('two__add', { a: 1, b: 2 }, {})).toMatchObject({ type: 'complete' });
  const applied = (async () => {
    for await (const { type } of host.notices()) if (type === 'config-applied') return;
  })();
  answer.resolve(true);
  await applied;
  await host.registry.ready();
  expect(live.pid('one')).toBe(one);
  expect(live.pid('two')).not.toBe(two);
  // The yes is kept: back to the old one needs another, and to this one none.
  await live.edit({ ...changed, budget: { maxTurns: 2 } });
  expect(questions).toHaveLength(1);
});

test('a no leaves the old one, and the next edit ends an open question and asks its own', async () => {
  const asked: { ids: readonly string[]; signal: AbortSignal }[] = [];
  await using live = await openLiveHost({
    config: { mcpServers: { one: ONE } },
    confirmConfig: async ({ launches }, signal) => {
      asked.push({ ids: launches.map(({ id }) => id), signal });
      if (asked.length === 1)
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      // Also the answer that comes too late.
      return asked.length === 1;
    },
  });
  const { host } = live;
  await live.edit({ mcpServers: { one: ONE, evil: fixtureEntry({ env: { MARK: 'evil' } }) } });
  await live.edit({ mcpServers: { one: ONE, other: fixtureEntry({ env: { MARK: 'other' } }) } });
  expect(asked.map(({ ids }) => ids)).toEqual([['mcpServers.evil'], ['mcpServers.other']]);
  expect(asked[0]?.signal.aborted).toBe(true);
  expect(host.configStatus.state).toBe('waits');
  expect(host.registry.servers().map(({ name }) => name)).toEqual(['one']);
  await live.edit({ mcpServers: { one: ONE } });
  expect(host.configStatus.state).toBe('current');
});

test('rules that allow wait for a yes, and what the waiting list forbids is forbidden at once', async () => {
  await using live = await openLiveHost({ config: { mcpServers: { one: ONE } } });
  const { host } = live;
  await host.registry.ready();
  const call = async (tool: string, args: JsonObject) => JSON.stringify(await host.call(tool, args).result);
  const count = () => call('one__count', { to: 1 });
  expect(await count()).toContain('nobody is at a terminal');
  await live.edit({ mcpServers: { one: ONE }, approvals: [{ tool: 'one__*', decision: 'allow' }] });
  expect(host.configStatus).toMatchObject({
    state: 'waits',
    launches: [{ id: 'approvals', summary: 'without a question: "one__*"' }],
  });
  expect(await count()).toContain('nobody is at a terminal');
  await live.edit({
    mcpServers: { one: ONE },
    approvals: [
      { tool: 'one__add', decision: 'deny', reason: 'no sums today' },
      { tool: 'one__*', decision: 'allow' },
    ],
  });
  expect(await call('one__add', { a: 1, b: 2 })).toContain('no sums today');
  expect(await count()).toContain('nobody is at a terminal');
  // Without one that allows, rules need no yes.
  await live.edit({ mcpServers: { one: ONE }, approvals: [{ decision: 'deny', reason: 'closed' }] });
  expect(host.configStatus.state).toBe('current');
  expect(await count()).toContain('closed');
});

test('bare names wait for a yes where a rule would allow other tools by them', async () => {
  const approvals = [{ tool: 'count', decision: 'allow' }];
  await using live = await openLiveHost({ config: { mcpServers: { one: ONE }, approvals } });
  const { host } = live;
  await host.registry.ready();
  const names = () => host.registry.catalog().tools.map(({ name }) => name);
  await live.edit({ mcpServers: { one: ONE }, approvals, naming: 'bare' });
  expect(host.configStatus).toMatchObject({ state: 'waits', launches: [{ id: 'approvals' }] });
  expect(names()).toContain('one__count');
  await live.edit({ mcpServers: { one: ONE }, naming: 'bare' });
  expect(host.configStatus.state).toBe('current');
  expect(names()).toContain('count');
});

test('a run under way keeps its models and limits; the next one has the new ones', async () => {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  await using old = await startModelServer({
    script: async (_request, n) => {
      if (n > 0) return { type: 'answer', text: 'Answered by the old model.' };
      reached.resolve();
      await gate.promise;
      return { type: 'answer', toolCalls: [{ name: 'one__add', arguments: { a: 1, b: 2 } }] };
    },
  });
  await using young = await startModelServer({
    script: () => ({ type: 'answer', text: 'Answered by the new model.' }),
  });
  const configWith = (baseUrl: string, maxTurns: number): JsonObject => ({
    mcpServers: { one: ONE },
    models: { default: { model: 'anthropic/scripted', baseUrl, apiKey: 'sk-test-0123456789abcdef' } },
    budget: { maxTurns },
    memory: { enabled: false },
  });
  await using live = await openLiveHost({
    config: configWith(old.url, 2),
    confirmConfig: async () => true,
  });
  const { host } = live;
  const handle = await host.ask('Go on.');
  await reached.promise;
  const applied = (async () => {
    for await (const { type } of host.notices()) if (type === 'config-applied') return;
  })();
  await live.edit(configWith(young.url, 1));
  await applied;
  // The new ones are looked for before the run goes on.
  await host.models();
  gate.resolve();
  expect(await handle.result).toMatchObject({ output: { text: 'Answered by the old model.' } });
  const next = await host.ask('And now?');
  const [start] = await eventsOf(next);
  expect(start).toMatchObject({ type: 'run-start', budget: { maxTurns: 1 } });
  expect(await next.result).toMatchObject({ output: { text: 'Answered by the new model.' } });
});

test('a config that a program makes is put to use, and the next edit of the file goes on from it', async () => {
  await using live = await openLiveHost({ config: BOTH });
  const { host } = live;
  await host.registry.ready();
  const one = live.pid('one');
  const { servers, ...rest } = host.config;
  await host.apply({ ...rest, servers: servers.slice(0, 1), budget: { maxTurns: 9 } });
  expect(host.registry.servers().map(({ name }) => name)).toEqual(['one']);
  expect(live.notices).toMatchObject([{ data: { removed: ['two'], settings: ['budget'] } }]);
  await live.edit({ ...BOTH, budget: { maxTurns: 5 } });
  expect(host.registry.servers().map(({ name }) => name)).toEqual(['one', 'two']);
  expect(host.config.budget.maxTurns).toBe(5);
  expect(live.pid('one')).toBe(one);
});

test('a link that leads elsewhere starts nothing without a yes, though the text is the same', async () => {
  await using live = await openLiveHost({ config: { mcpServers: { one: ONE } } });
  const { host, file, work } = live;
  const other = join(work, 'other');
  await mkdir(other);
  await writeFile(join(other, 'mcp.config.json'), JSON.stringify({ mcpServers: { one: ONE } }));
  await rm(file);
  await symlink(join(other, 'mcp.config.json'), file);
  await host.reloadConfig();
  expect(host.configStatus).toMatchObject({ state: 'waits', launches: [{ id: 'mcpServers.one' }] });
});

test('a hundred edits in a second, some of them half-written, end in the last one', async () => {
  await using live = await openLiveHost({ config: { mcpServers: { one: ONE } } });
  const { host, file, home } = live;
  await host.registry.ready();
  const pid = live.pid('one');
  await using _ = await watchConfig({
    path: file,
    homeFolder: home,
    onChange: () => host.reloadConfig(),
    onTrust: () => undefined,
    onFailure: (reason) => expect.unreachable(reason),
  });
  const last = (async () => {
    for await (const { type } of host.notices())
      if (type === 'config-applied' && host.config.budget.maxTurns === 100) return;
  })();
  for (let edit = 1; edit <= 100; edit += 1) {
    const text = JSON.stringify({ mcpServers: { one: ONE }, budget: { maxTurns: edit } });
    await writeFile(file, edit % 3 === 0 ? text.slice(0, 40) : text);
    await delay(5);
  }
  await last;
  expect(host.configStatus.state).toBe('current');
  expect(live.pid('one')).toBe(pid);
});

test('closing while an edit is put to use leaves no process behind', async () => {
  const mark = `closing-${process.pid}`;
  const live = await openLiveHost({ config: { mcpServers: { one: ONE } }, confirmConfig: async () => true });
  await live.host.registry.ready();
  const added = fixtureEntry({ start: 'at-start' });
  const editing = live.edit({
    mcpServers: { added: { ...added, args: [...(added['args'] as string[]), mark] } },
  });
  await live[Symbol.asyncDispose]();
  await editing;
  expect(await processesWith(mark)).toEqual([]);
  await live.host.reloadConfig();
  expect(await processesWith(mark)).toEqual([]);
});
