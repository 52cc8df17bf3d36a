/** Tokens before a real `serve --http`: who comes in, what is whose, and where a token never goes. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../../src/json.ts';
import { type AskWorld, askWorld, Gate, toldRun } from '../../../fixtures/ask-world.ts';
import { switchyard } from '../../../fixtures/command-line.ts';
import { gatewayWorld } from '../../../fixtures/gateway.ts';
import {
  connectHttp,
  type HttpGateway,
  openHttp,
  openSession,
  post,
  postModern,
} from '../../../fixtures/http-gateway.ts';
import { fixtureEntry } from '../../../fixtures/live-host.ts';
import { type RecordingProxy, recordingProxy } from '../../../fixtures/recording-proxy.ts';
import { Bench } from '../../../registry/fixture.ts';

const bench = new Bench();
const gate = new Gate();
let proxy: RecordingProxy;
let asked: AskWorld;
let gateway: HttpGateway;
let laptop: string;
let phone: string;

async function addToken(name: string): Promise<string> {
  const { work, home } = asked.world;
  const added = await switchyard(['tokens', 'add', name], { cwd: work, home });
  expect(added.code).toBe(0);
  return added.stdout.trim();
}

beforeAll(async () => {
  const { line } = await bench.start('everything', ['--http']);
  proxy = await recordingProxy(line);
  const script = async (): Promise<{ type: 'answer'; text: string }> => {
    await gate.pass();
    return { type: 'answer', text: 'It is 42.' };
  };
  asked = await askWorld(script, {
    maxResultTokens: 500,
    serve: { detachAfterMs: 1_000 },
    mcpServers: { all: fixtureEntry(), asks: fixtureEntry({}, 'asking'), far: { url: proxy.url } },
  });
  laptop = await addToken('laptop');
  phone = await addToken('phone');
  gateway = await openHttp(asked.world);
});

afterAll(async () => {
  gate.open();
  await gateway[Symbol.asyncDispose]();
  await asked[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });
const textOf = (result: unknown): string =>
  (result as { content: { text: string }[] }).content.map(({ text }) => text).join('\n');
const messageOf = async (response: Promise<Response>): Promise<JsonObject> =>
  (await response).json() as Promise<JsonObject>;

describe('who comes in', () => {
  test('nobody without a token, whatever is asked for', async () => {
    const asks = [
      post(gateway, { jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      postModern(gateway, 'tools/list'),
      post(gateway, { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }, bearer('swy_no')),
      fetch(gateway.url, { headers: { Accept: 'text/event-stream' } }),
      fetch(gateway.url, { method: 'DELETE' }),
      fetch(`${gateway.url}?access_token=${laptop}`, { method: 'POST' }),
    ];
    for (const response of await Promise.all(asks)) {
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="switchyard"/);
      expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code: -32_010 } });
    }
    const { origin } = new URL(gateway.url);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  });

  test('clients of the SDK in both eras, with one', async () => {
    for (const era of ['modern', 'legacy'] as const) {
      await using connected = await connectHttp(gateway, era, { token: laptop });
      const { client } = connected;
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain('all__add');
      const sum = await client.callTool({ name: 'far__add', arguments: { a: 1, b: 2 } });
      expect(sum).toMatchObject({ structuredContent: { sum: 3 } });
      await expect(connectHttp(gateway, era)).rejects.toThrow(/token|authorization/i);
    }
  });

  test('one that is added comes in without a restart, and is out as soon as it is revoked, also in its session', async () => {
    const guest = await addToken('guest');
    const session = await openSession(gateway, { headers: bearer(guest) });
    expect((await session.ask(1, 'ping')).status).toBe(200);
    const stream = await session.get();
    expect(stream.status).toBe(200);
    const { work, home } = asked.world;
    expect((await switchyard(['tokens', 'revoke', 'guest'], { cwd: work, home })).code).toBe(0);
    expect((await session.ask(2, 'ping')).status).toBe(401);
    // What it has open ends, and so what it would have been told.
    await expect(stream.text()).rejects.toThrow();
    const listed = await switchyard(['tokens', 'list', '--json'], { cwd: work, home });
    const used = (JSON.parse(listed.stdout) as { name: string; lastUsed: string | null }[]).map(
      ({ name, lastUsed }) => [name, lastUsed !== null],
    );
    expect(used).toEqual([
      ['laptop', true],
      ['phone', false],
    ]);
  });

  test('an address that other machines reach needs one that is good before it listens', async () => {
    await using world = await gatewayWorld({ mcpServers: {} });
    const { work, home } = world;
    const serve = ['serve', '--http', '--config', world.args.at(-1) ?? '', '--port', '0'];
    for (const host of ['0.0.0.0', '::']) {
      const refused = await switchyard([...serve, '--host', host], { cwd: work, home });
      expect(refused).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('switchyard tokens add <name>'),
      });
    }
    await switchyard(['tokens', 'add', 'over', '--expires', '0m'], { cwd: work, home });
    expect(await switchyard([...serve, '--host', '0.0.0.0'], { cwd: work, home })).toMatchObject({ code: 2 });
  });
});

describe('what is whose', () => {
  test('a session is good for the token that began it', async () => {
    const session = await openSession(gateway, { headers: bearer(laptop) });
    const { Authorization: _, ...headers } = session.headers;
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const stranger = await post(gateway, ping, { ...headers, ...bearer(phone) });
    expect(stranger.status).toBe(404);
    expect(await stranger.json()).toMatchObject({
      error: { message: expect.stringContaining('no such session') },
    });
    const stream = { headers: { Accept: 'text/event-stream', ...headers, ...bearer(phone) } };
    expect((await fetch(gateway.url, stream)).status).toBe(404);
    expect(
      (await fetch(gateway.url, { method: 'DELETE', headers: { ...headers, ...bearer(phone) } })).status,
    ).toBe(404);
    expect((await post(gateway, ping, headers)).status).toBe(401);
    expect(await messageOf(session.ask(2, 'ping'))).toMatchObject({ result: {} });
  });

  test('an operation that waits for input goes on for the token that began it', async () => {
    const capabilities = { elicitation: { form: {} } };
    const params = { name: 'asks__form', arguments: {} };
    const begun = await messageOf(
      postModern(gateway, 'tools/call', params, { capabilities, headers: bearer(laptop) }),
    );
    expect(begun).toMatchObject({
      result: { resultType: 'input_required', requestState: expect.any(String) },
    });
    const { requestState, inputRequests } = begun['result'] as {
      requestState: string;
      inputRequests: JsonObject;
    };
    const [key = ''] = Object.keys(inputRequests);
    const inputResponses = { [key]: { action: 'accept', content: { colour: 'green' } } };
    const answered = { ...params, requestState, inputResponses };
    const goOn = (token: string): Promise<JsonObject> =>
      messageOf(postModern(gateway, 'tools/call', answered, { capabilities, headers: bearer(token) }));
    expect(await goOn(phone)).toMatchObject({
      error: { code: -32_602, message: expect.stringContaining('requestState') },
    });
    expect(JSON.stringify(await goOn(laptop))).toContain('green');
  });

  test('a stored result is read with the token of the call, by whatever name its client goes', async () => {
    await using first = await connectHttp(gateway, 'modern', { token: laptop, name: 'one' });
    await using again = await connectHttp(gateway, 'legacy', { token: laptop, name: 'another' });
    await using other = await connectHttp(gateway, 'modern', { token: phone, name: 'one' });
    for (const { client } of [first, again, other]) await client.listTools();
    const large = textOf(await first.client.callTool({ name: 'all__large', arguments: { size: 50_000 } }));
    const uri = /switchyard:\/\/results\/[0-9a-f]{32}/.exec(large)?.[0] ?? '';
    const read = { name: 'switchyard__result_read', arguments: { uri, unit: 'characters', offset: 49_990 } };
    for (const { client } of [first, again]) {
      expect(textOf(await client.callTool(read))).toContain('xxx');
      expect((await client.readResource({ uri })).contents).toHaveLength(1);
    }
    expect(textOf(await other.client.callTool(read))).toContain('no stored result');
    await expect(other.client.readResource({ uri })).rejects.toThrow('no stored result');
  });

  test('a run is collected and ended with the token that asked for it', async () => {
    await using own = await connectHttp(gateway, 'modern', { token: laptop });
    await using other = await connectHttp(gateway, 'modern', { token: phone });
    for (const { client } of [own, other]) await client.listTools();
    const { runId } = toldRun(
      await own.client.callTool({ name: 'switchyard__ask', arguments: { request: 'What is it?' } }),
    );
    await gate.reached;
    for (const name of ['switchyard__run_wait', 'switchyard__run_cancel']) {
      const refused = await other.client.callTool({ name, arguments: { runId } });
      expect(refused.isError).toBe(true);
      expect(textOf(refused)).toMatch(/no run/i);
    }
    await expect(other.client.readResource({ uri: `switchyard://runs/${runId}` })).rejects.toThrow(/no run/i);
    gate.open();
    await expect
      .poll(
        async () =>
          toldRun(await own.client.callTool({ name: 'switchyard__run_wait', arguments: { runId } })).answer,
        {
          timeout: 30_000,
        },
      )
      .toBe('It is 42.');
  });
});

test('a token is passed to no server, and stands in no log, file or answer', async () => {
  await using connected = await connectHttp(gateway, 'modern', { token: laptop });
  const { client } = connected;
  await client.listTools();
  await client.callTool({ name: 'far__add', arguments: { a: 1, b: 2 } });
  const { tools } = await client.listTools();
  const unknown = await client.callTool({ name: 'all__nothing', arguments: {} }).catch(String);
  const secret = laptop.slice('swy_23456789_'.length);
  expect(proxy.recorded()).toContain('tools/call');
  for (const text of [
    proxy.recorded(),
    gateway.stderr(),
    JSON.stringify([tools, unknown]),
    ...filesOf(asked.world.home),
  ])
    expect(text.includes(secret)).toBe(false);
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !path.includes('compile-cache'))
    .map((path) => readFileSync(path, 'latin1'));
}
