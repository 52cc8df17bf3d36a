/** What becomes of requests to the agent: limits, approvals, conversations, and whose a run is. */
import { join } from 'node:path';

import { copyFile, mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { ClientRequest } from '../../../src/host/serve/client-request.ts';
import { Facade } from '../../../src/host/serve/facade.ts';
import type { JsonObject } from '../../../src/json.ts';
import { linesOf } from '../../fixtures/agent-tools.ts';
import { Gate, textOf, toldRun, unknownRunId } from '../../fixtures/ask-world.ts';
import { switchyard } from '../../fixtures/command-line.ts';
import { openLiveHost } from '../../fixtures/live-host.ts';
import type { ModelReply, ScriptedRequest } from '../../fixtures/model/model-server.ts';
import { openTestHost, type TestHost, type TestHostOptions } from '../../fixtures/open-host.ts';
import { type TemporaryFolder, temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { stdioServer } from '../../registry/fixture.ts';

let folder: TemporaryFolder;
let ledger: string;
let opened: TestHost | undefined;
let facade: Facade | undefined;
let script: (request: ScriptedRequest, n: number) => ModelReply | Promise<ModelReply>;

beforeEach(async () => {
  folder = await temporaryFolder('ask');
  ledger = join(folder.path, 'ledger');
});

afterEach(async () => {
  await close();
  await folder[Symbol.asyncDispose]();
});

async function open(options: Partial<TestHostOptions> = {}): Promise<TestHost> {
  opened = await openTestHost({
    script: (request, n) => script(request, n),
    folder: folder.path,
    servers: [stdioServer('tools', 'agent-tools', [ledger])],
    ...options,
  });
  const { host } = opened;
  facade = new Facade({ registry: host.registry, open: async () => host });
  return opened;
}

async function close(): Promise<void> {
  facade?.[Symbol.dispose]();
  await opened?.[Symbol.asyncDispose]();
  [facade, opened] = [undefined, undefined];
}

type Client = Partial<ClientRequest['client']> & { readonly meta?: JsonObject };

function send(
  method: string,
  params: JsonObject,
  { meta = {}, ...client }: Client = {},
): Promise<JsonObject> {
  if (facade === undefined) throw new Error('No host is open.');
  return facade.handle({
    method,
    params,
    meta,
    client: { era: 'legacy', protocolVersion: '2025-11-25', name: 'one', capabilities: {}, ...client },
    key: { session: client.name ?? 'one' },
    signal: new AbortController().signal,
  });
}

const call = (name: string, args: JsonObject, client?: Client): Promise<JsonObject> =>
  send('tools/call', { name: `switchyard__${name}`, arguments: args }, client);

const ORDER: ModelReply = {
  type: 'answer',
  toolCalls: [{ name: 'tools__order', arguments: { thing: 'tea' } }],
};
const answer = (text: string): ModelReply => ({ type: 'answer', text });

test('a limit of the request counts where it is lower than that of the config, and ends the run', async () => {
  await open({ maxTurns: 3 });
  script = (_request, n) => ({
    type: 'answer',
    toolCalls: [{ name: 'tools__weather', arguments: { city: `Number ${n}` } }],
  });
  for (const [maxTurns, counted] of [
    [99, 3],
    [1, 1],
  ] as const) {
    const result = await call('ask', { request: 'Go round.', limits: { maxTurns } });
    expect(result['isError']).toBe(true);
    expect(toldRun(result)).toMatchObject({
      status: 'stopped',
      error: { code: 'limit-reached', message: expect.stringContaining(`limit of ${counted} turn`) },
      usage: { turns: counted },
    });
  }
  const unknown = await call('ask', { request: 'x', model: 'nobody' });
  expect(textOf(unknown)).toMatch(/There is no model 'nobody'. Known: default/);
  const wrong = await call('ask', { request: 'x', limits: { maxTurn: 1 } });
  expect(textOf(wrong)).toMatch(/do not fit its schema.*maxTurn/);
});

test('without a model the answer is quotes, and says so', async () => {
  await using live = await openLiveHost({
    config: { mcpServers: { retrieval: { builtin: 'retrieval', sources: ['docs'] } } },
  });
  await mkdir(join(live.work, 'docs'));
  await copyFile(join(import.meta.dirname, '../../fixtures/orchard.md'), join(live.work, 'docs/orchard.md'));
  facade = new Facade({ registry: live.host.registry, open: async () => live.host });
  const result = await call('ask', { request: 'Who planted the orchard at Highfield?' });
  expect(textOf(result)).toMatch(/^No language model is in reach: these are quotes[\s\S]*Edith Marlow/);
  expect(toldRun(result)).toMatchObject({ status: 'done', origin: 'quote' });
  expect(toldRun(result).quotes?.[0]).toMatchObject({
    source: expect.stringContaining('orchard.md'),
    line: 3,
  });
});

test('a run that waits for a person is told with the command at once, and goes on for whoever waits', async () => {
  await open({ approvals: [], onAsk: 'wait' });
  script = ({ toolResults }) => (toolResults.length === 0 ? ORDER : answer(toolResults[0]?.text ?? ''));
  const asked = await call('ask', { request: 'Order tea.' });
  expect(asked['isError']).toBeUndefined();
  const { runId, status, approvals, next } = toldRun(asked);
  expect(status).toBe('running');
  const [approval] = approvals ?? [];
  expect(approval).toMatchObject({
    tool: 'tools__order',
    command: `switchyard approvals approve ${approval?.id}`,
  });
  expect(next).toContain(approval?.command);
  expect(linesOf(ledger)).toEqual([]);
  const waiters = ['one', 'two'].map((name) => call('run_wait', { runId }, { name }));
  const approved = await switchyard(['approvals', 'approve', approval?.id ?? '', '--no-resume'], {
    cwd: folder.path,
    home: folder.path,
  });
  expect(approved.code).toBe(0);
  for (const told of await Promise.all(waiters)) expect(textOf(told)).toBe('ordered tea');
  expect(linesOf(ledger)).toEqual(['order tea']);
});

test('a run is not there for another token, for a person’s id, or once it is deleted', async () => {
  const { host } = await open();
  script = () => answer('Mine.');
  const { runId } = toldRun(await call('ask', { request: 'Whose?' }, { principal: 'laptop' }));
  const uri = `switchyard://runs/${runId}`;
  expect(textOf(await call('run_wait', { runId }, { principal: 'laptop', name: 'another' }))).toBe('Mine.');

  const personal = await host.ask('Of the person.');
  await personal.result;
  const strangers = [{ principal: 'desktop' }, { name: 'laptop' }, { name: 'one' }];
  for (const stranger of strangers) {
    for (const id of [runId, personal.id, unknownRunId(), runId.slice(0, 12)]) {
      for (const tool of ['run_wait', 'run_cancel']) {
        const refused = await call(tool, { runId: id }, stranger);
        expect(refused['isError'], `${tool} ${id}`).toBe(true);
        expect(textOf(refused)).toContain(`There is no run "${id}" of yours`);
      }
    }
    await expect(send('resources/read', { uri }, stranger)).rejects.toMatchObject({ code: 'unknown-run' });
  }
  expect(await send('resources/read', { uri }, { principal: 'laptop' })).toMatchObject({
    contents: [{ uri }],
  });

  await host.archive.delete([runId]);
  const gone = await call('run_wait', { runId }, { principal: 'laptop' });
  expect(textOf(gone)).toContain(`There is no run "${runId}" of yours`);
});

test('a conversation is gone on with by the client that began it, one request at a time', async () => {
  await open({ serve: { detachAfterMs: 1 } });
  const gate = new Gate();
  script = async ({ body }, n) => {
    if (n === 1) await gate.pass();
    return answer(JSON.stringify(body['messages']));
  };
  const { runId: first, sessionId = '' } = toldRun(
    await call('ask', { request: 'I am Ada.', sessionId: 'new' }),
  );
  expect(sessionId).not.toBe('');
  const wait = async (runId: string): Promise<string> => textOf(await call('run_wait', { runId }));
  while (toldRun(await call('run_wait', { runId: first })).status === 'running');

  for (const other of [{ name: 'two' }, { principal: 'one' }]) {
    const refused = await call('ask', { request: 'Who am I?', sessionId }, other);
    expect(textOf(refused)).toContain(`There is no conversation "${sessionId}" of yours`);
  }
  const { runId: second } = toldRun(await call('ask', { request: 'Who am I?', sessionId }));
  const busy = await call('ask', { request: 'And now?', sessionId });
  expect(textOf(busy)).toContain(`Run ${second} of the conversation "${sessionId}" has not ended`);
  gate.open();
  while (toldRun(await call('run_wait', { runId: second })).status === 'running');
  expect(await wait(second)).toContain('I am Ada.');
  const alone = toldRun(await call('ask', { request: 'Who am I?' }));
  expect(alone.sessionId).toBeUndefined();
});

test('a run that was left says so, and how to go on with it', async () => {
  await open({ serve: { detachAfterMs: 1 } });
  const gate = new Gate();
  script = async () => {
    await gate.pass();
    return answer('Late.');
  };
  // A client of this revision knows no links in results.
  const named = await call('ask', { request: 'Take your time.' }, { protocolVersion: '2025-03-26' });
  expect((named['content'] as readonly JsonObject[]).map(({ type }) => type)).toEqual(['text']);
  const { runId } = toldRun(named);
  await gate.reached;
  await opened?.host.engine.close({ graceMs: 0 });
  await close();
  // This one goes on with nothing by itself, so that there is nothing to wait for.
  await open();
  const told = await call('run_wait', { runId });
  expect(told['isError']).toBeUndefined();
  expect(toldRun(told)).toMatchObject({ status: 'suspended' });
  expect(textOf(told)).toContain(`switchyard runs resume ${runId}`);
  expect(textOf(await call('run_cancel', { runId }))).toBe(`Run ${runId} is cancelled.`);
  expect(toldRun(await call('run_wait', { runId }))).toMatchObject({ status: 'cancelled' });
});

test('a rule that denies the tool denies it, and what the agent does is ruled call by call', async () => {
  await open({ approvals: [{ tool: 'switchyard__ask', decision: 'deny', reason: 'models cost money' }] });
  script = () => answer('Hello.');
  const refused = await call('ask', { request: 'Anybody?' });
  expect(refused['isError']).toBe(true);
  expect(textOf(refused)).toBe('switchyard__ask was not run: models cost money.');
  expect(opened?.model.requests).toEqual([]);
  await close();
  await open({ approvals: [{ annotation: 'destructive', decision: 'deny', reason: 'nothing is ordered' }] });
  script = ({ toolResults }) => (toolResults.length === 0 ? ORDER : answer(toolResults[0]?.text ?? ''));
  expect(textOf(await call('ask', { request: 'Order tea.' }))).toContain('nothing is ordered');
});

test('one agent too many behind another is refused, and no model is asked', async () => {
  await open();
  script = () => answer('Hello.');
  const meta = { 'switchyard/agents-left': 0 };
  const refused = await call('ask', { request: 'Anybody?' }, { meta });
  expect(refused['isError']).toBe(true);
  expect(textOf(refused)).toContain('3 agents stand one behind the other');
  expect(opened?.model.requests).toEqual([]);
});
