/** Remote servers behind OAuth: what a host does with a login, before it, and after it is gone. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openRegistry, type Registry } from '../../src/registry/index.ts';
import { OAuthServer, sayYes } from '../fixtures/oauth-server.ts';
import { Bench, httpServer, until } from './fixture.ts';

const yes = { onAuthorizationUrl: async (url: string) => void (await sayYes(url)) };
const stateOf = (registry: Registry) => registry.servers()[0];

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('a server that wants a login is degraded, says the command, and is ready after it', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  await using registry = await openRegistry(bench.options([httpServer('notes', server.url)]));
  await registry.ready();
  expect(stateOf(registry)).toMatchObject({
    state: 'degraded',
    loginDue: true,
    reason: "'notes' needs a login: switchyard login notes",
  });

  const result = await registry.login('notes', yes);
  expect(result).toMatchObject({
    server: 'notes',
    issuer: server.issuer,
    scopes: ['notes:read'],
    renewable: true,
  });
  expect(stateOf(registry)).toMatchObject({ state: 'ready', era: 'modern', counts: { tools: 2 } });
  expect(stateOf(registry)).not.toHaveProperty('loginDue');
  expect(await registry.call('notes__read', {}, {})).toMatchObject({ type: 'complete' });
});

test('a login in one host is seen by another that runs, without a call', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const options = bench.options([httpServer('notes', server.url)]);
  await using running = await openRegistry(options);
  await running.ready();
  expect(stateOf(running)?.state).toBe('degraded');
  await using other = await openRegistry(options);
  await other.login('notes', yes);
  await until(() => stateOf(running)?.counts.tools === 2, 'the running host has connected');
  expect(await running.call('notes__read', {}, {})).toMatchObject({ type: 'complete' });
});

test('without its login a server keeps its catalog, and its calls fail at once and without asking it', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const options = bench.options([httpServer('notes', server.url)]);
  {
    await using registry = await openRegistry(options);
    await registry.login('notes', yes);
  }
  server.forgetGrants();
  await using registry = await openRegistry(options);
  expect(registry.catalog().tools).toHaveLength(2);
  const due = {
    type: 'tool-error',
    code: 'login-required',
    message: "'notes' needs a login: switchyard login notes",
  };
  expect(await registry.call('notes__read', {}, {})).toMatchObject(due);
  const asked = server.mcpRequests;
  for (let call = 0; call < 20; call += 1)
    expect(await registry.call('notes__read', {}, {})).toMatchObject(due);
  expect(server.mcpRequests).toBe(asked);
  expect(stateOf(registry)).toMatchObject({ state: 'degraded', fromSnapshot: true, counts: { tools: 2 } });
  expect(registry.catalog().tools).toHaveLength(2);
});

test('what a login brings is in one file that others cannot read, and nowhere else', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const told: string[] = [];
  const more = { onSecrets: (secrets: readonly string[]) => void told.push(...secrets) };
  await using registry = await openRegistry(bench.options([httpServer('notes', server.url)], more));
  await registry.login('notes', yes);
  await registry.call('notes__read', {}, {});
  server.endAccess();
  expect(await registry.call('notes__read', {}, {})).toMatchObject({ type: 'complete' });
  const given = server.secrets.filter((secret) => /^(?:access|refresh)-/.test(secret));
  expect(told).toEqual(expect.arrayContaining(given));
  const shown = JSON.stringify([bench.entries, registry.servers(), registry.catalog()]);
  for (const secret of given) expect(shown).not.toContain(secret);
  const holders = filesBelow(bench.homeFolder).filter((file) =>
    given.some((secret) => readFileSync(file, 'utf8').includes(secret)),
  );
  expect(holders.map((file) => join(file, '..'))).toEqual([join(bench.homeFolder, 'oauth')]);
  for (const file of holders) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(bench.homeFolder, 'oauth')).mode & 0o777).toBe(0o700);
});

test('an access that has ended is renewed once, by however many hosts and calls', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const options = bench.options([httpServer('notes', server.url)]);
  await using one = await openRegistry(options);
  await one.login('notes', yes);
  await using two = await openRegistry(options);
  await two.ready({ fresh: true });
  const before = server.count('/token');
  server.endAccess();
  const calls = [one, two].flatMap((registry) =>
    Array.from({ length: 8 }, () => registry.call('notes__read', {}, {})),
  );
  for (const outcome of await Promise.all(calls)) expect(outcome).toMatchObject({ type: 'complete' });
  // A token that renews is good once: a second use would have ended both.
  expect(server.count('/token')).toBe(before + 1);
});

test('an access that is about to end is renewed before it is used', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start({ lifetimeSeconds: 5 });
  await using registry = await openRegistry(bench.options([httpServer('notes', server.url)]));
  await registry.login('notes', yes);
  server.behaviour.lifetimeSeconds = 3_600;
  const before = server.count('/token');
  expect(await registry.call('notes__read', {}, {})).toMatchObject({ type: 'complete' });
  expect(await registry.call('notes__read', {}, {})).toMatchObject({ type: 'complete' });
  expect(server.count('/token')).toBe(before + 1);
});

test('a renewal that fails for the moment loses nothing, and one that is refused asks for a login', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  await using registry = await openRegistry(bench.options([httpServer('notes', server.url)]));
  await registry.login('notes', yes);
  server.endAccess();
  server.behaviour.tokenStatus = 503;
  const down = await registry.call('notes__read', {}, {});
  expect(down).toMatchObject({ type: 'tool-error', code: 'server-unavailable' });
  expect('message' in down && down.message).toContain('could not be renewed');
  server.behaviour.tokenStatus = undefined;
  await until(() => stateOf(registry)?.state === 'ready', 'it is connected again');
  expect(await registry.call('notes__read', {}, {})).toMatchObject({ type: 'complete' });

  server.forgetGrants();
  expect(await registry.call('notes__read', {}, {})).toMatchObject({ code: 'login-required' });
  await until(() => stateOf(registry)?.loginDue === true, 'it says that a login is due');
  await registry.login('notes', yes);
  expect(await registry.call('notes__read', {}, {})).toMatchObject({ type: 'complete' });
});

test('a server that refuses even what was just renewed asks for a login, and no loop begins', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  await using registry = await openRegistry(bench.options([httpServer('notes', server.url)]));
  await registry.login('notes', yes);
  server.behaviour.refusesAll = true;
  const before = server.count('/token');
  expect(await registry.call('notes__read', {}, {})).toMatchObject({ code: 'login-required' });
  await until(() => stateOf(registry)?.loginDue === true, 'it says that a login is due');
  for (let call = 0; call < 5; call += 1)
    expect(await registry.call('notes__read', {}, {})).toMatchObject({ code: 'login-required' });
  expect(server.count('/token') - before).toBeLessThanOrEqual(2);
});

test('a call that takes more rights names them; the next login asks for them beside the old ones', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const options = bench.options([httpServer('notes', server.url)]);
  await using registry = await openRegistry(options);
  await registry.login('notes', yes);
  expect(await registry.call('notes__write', {}, {})).toMatchObject({
    type: 'tool-error',
    code: 'insufficient-scope',
    message: "'notes' needs a login with more rights (notes:write): switchyard login notes",
  });
  expect(stateOf(registry)?.state).toBe('ready');
  expect(await registry.call('notes__read', {}, {})).toMatchObject({ type: 'complete' });

  await using other = await openRegistry(options);
  expect((await other.login('notes', yes)).scopes).toEqual(['notes:read', 'notes:write']);
  expect(server.asked).toEqual(['notes:read', 'notes:read notes:write']);
  expect(await registry.call('notes__write', {}, {})).toMatchObject({ type: 'complete' });
});

test('a logout revokes and deletes; a host that runs notices at its next call', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const options = bench.options([httpServer('notes', server.url)]);
  await using running = await openRegistry(options);
  await running.login('notes', yes);
  await using other = await openRegistry(options);
  expect(await other.logout('notes')).toEqual({ server: 'notes', wasLoggedIn: true, revocation: 'done' });
  expect(server.secrets.filter((secret) => secret.startsWith('access-'))).toEqual([]);
  const left = filesBelow(join(bench.homeFolder, 'oauth')).filter((file) => file.endsWith('.json'));
  expect(left).toEqual([]);
  expect(await running.call('notes__read', {}, {})).toMatchObject({ code: 'login-required' });
  expect(await other.logout('notes')).toMatchObject({ wasLoggedIn: false, revocation: 'none' });
});

test('a token goes to no other address than the one that it was obtained for', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  await using other = await OAuthServer.start();
  {
    await using registry = await openRegistry(bench.options([httpServer('notes', server.url)]));
    await registry.login('notes', yes);
  }
  await using registry = await openRegistry(bench.options([httpServer('notes', other.url)]));
  await registry.ready();
  expect(stateOf(registry)).toMatchObject({ state: 'degraded', loginDue: true });
});

test('where the config sends credentials of its own, no login is spoken of', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const headers = { Authorization: 'Bearer key-from-the-config' };
  await using registry = await openRegistry(bench.options([httpServer('notes', server.url, { headers })]));
  await registry.ready();
  expect(stateOf(registry)).toMatchObject({ state: 'failed' });
  expect(stateOf(registry)?.reason).toContain("Check its 'headers'");
});

test('a server of the oldest transport is logged in to as well, and its access renewed', async () => {
  await using bench = new Bench();
  const { line } = await bench.start('legacy-sse');
  await using server = await OAuthServer.start({ behind: new URL(line.trim()).origin });
  const definition = httpServer('notes', server.url, { type: 'sse' });
  await using registry = await openRegistry(bench.options([definition]));
  await registry.ready();
  expect(stateOf(registry)).toMatchObject({ state: 'degraded', loginDue: true });
  await registry.login('notes', yes);
  expect(stateOf(registry)).toMatchObject({ state: 'ready', transport: 'sse', counts: { tools: 1 } });
  const before = server.count('/token');
  server.endAccess();
  expect(await registry.call('notes__echo', {}, {})).toMatchObject({ type: 'complete' });
  expect(server.count('/token')).toBe(before + 1);
});
