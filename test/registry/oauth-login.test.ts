/** The login itself: who we say we are, what is believed of the answer, and how it ends. */
import { createServer } from 'node:net';

import { expect, test } from 'vitest';

import type { OAuthSettings } from '../../src/config/server-definition.ts';
import { type LoginOptions, openRegistry } from '../../src/registry/index.ts';
import { KNOWN_CLIENT, OAuthServer, redirectOf, sayYes } from '../fixtures/oauth-server.ts';
import { Bench, httpServer } from './fixture.ts';

const yes = { onAuthorizationUrl: async (url: string) => void (await sayYes(url)) };

async function login(
  bench: Bench,
  server: OAuthServer,
  oauth: OAuthSettings = {},
  options: LoginOptions = yes,
) {
  await using registry = await openRegistry(bench.options([httpServer('notes', server.url, { oauth })]));
  return registry.login('notes', options);
}

test('a client registers itself once, with PKCE, and is known at the next login', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  await login(bench, server);
  await login(bench, server);
  expect(server.count('/register')).toBe(1);
  const [authorization] = server.seen.filter(({ path }) => path === '/authorize');
  expect(authorization?.form.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  expect(authorization?.form.get('resource')).toBe(server.url);
  for (const { form } of server.seen.filter(({ path }) => path === '/token')) {
    expect(form.get('code_verifier')?.length).toBeGreaterThanOrEqual(43);
    expect(form.get('resource')).toBe(server.url);
  }
});

test('a client that is named by a document registers nowhere', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start({ clientDocuments: true });
  const clientMetadataUrl = 'https://client.example.org/switchyard.json';
  await login(bench, server, { clientMetadataUrl });
  expect(server.count('/register')).toBe(0);
  const [authorization] = server.seen.filter(({ path }) => path === '/authorize');
  expect(authorization?.form.get('client_id')).toBe(clientMetadataUrl);
});

test('a client that was registered by hand proves itself with its secret, at its own port', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start({ registration: false });
  const redirectPort = await freePort();
  const oauth = { clientId: KNOWN_CLIENT.id, clientSecret: KNOWN_CLIENT.secret, redirectPort };
  await login(bench, server, oauth);
  const [authorization] = server.seen.filter(({ path }) => path === '/authorize');
  expect(authorization?.form.get('redirect_uri')).toBe(`http://127.0.0.1:${redirectPort}/callback`);
  const [token] = server.seen.filter(({ path }) => path === '/token');
  const basic = Buffer.from(`${KNOWN_CLIENT.id}:${KNOWN_CLIENT.secret}`).toString('base64');
  expect(token?.authorization).toBe(`Basic ${basic}`);
  expect(JSON.stringify(bench.entries)).not.toContain(KNOWN_CLIENT.secret);
});

test('where no client can register itself, it is said what to set', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start({ registration: false });
  await expect(login(bench, server)).rejects.toThrow("set 'oauth.clientId'");
});

test('the scopes of the config are asked for in place of those that the server names', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const { scopes } = await login(bench, server, { scopes: ['notes:read', 'notes:list'] });
  expect(scopes).toEqual(['notes:read', 'notes:list']);
});

test('an answer that names another issuer is worth nothing: its code is not redeemed', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start({ iss: 'https://evil.example.org' });
  await expect(login(bench, server)).rejects.toThrow('another authorization server');
  expect(server.count('/token')).toBe(0);
});

test('an answer with another state ends nothing and changes nothing', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start({ state: 'of-another-login' });
  const pages: string[] = [];
  const options = {
    onAuthorizationUrl: async (url: string) => {
      pages.push(await sayYes(url));
      server.behaviour.state = undefined;
      pages.push(await sayYes(url));
    },
  };
  expect(await login(bench, server, {}, options)).toMatchObject({ server: 'notes' });
  expect(pages[0]).toContain('another login');
  expect(pages[1]).toContain('You can close this window');
  expect(server.count('/token')).toBe(1);
});

test('a no at the page ends the login with its reason', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start({ refusal: 'access_denied' });
  await expect(login(bench, server)).rejects.toMatchObject({
    code: 'login-refused',
    message: 'The authorization server did not agree: access_denied.',
  });
});

test('a server that says it is another resource gets no login', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start({ resource: 'https://evil.example.org/mcp' });
  await expect(login(bench, server)).rejects.toThrow('names another resource');
  expect(server.count('/authorize')).toBe(0);
});

test('the address that the browser was sent to may be pasted; another is told off', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const page = Promise.withResolvers<string>();
  const notes: string[] = [];
  async function* pasted(): AsyncGenerator<string> {
    yield 'http://127.0.0.1:1/callback?code=1&state=2';
    yield `  ${await redirectOf(await page.promise)}\n`;
  }
  const options = {
    onAuthorizationUrl: (url: string) => page.resolve(url),
    onNote: (text: string) => void notes.push(text),
    pasted: pasted(),
  };
  expect(await login(bench, server, {}, options)).toMatchObject({ server: 'notes' });
  expect(notes).toHaveLength(1);
});

test('a login that nobody answers ends when its time is over, and when it is cancelled', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const late = { onAuthorizationUrl: () => undefined, timeoutMs: 300 };
  await expect(login(bench, server, {}, late)).rejects.toMatchObject({ code: 'login-timeout' });
  const controller = new AbortController();
  const cancelled = { onAuthorizationUrl: () => controller.abort(), signal: controller.signal };
  await expect(login(bench, server, {}, cancelled)).rejects.toMatchObject({ code: 'cancelled' });
});

test('a port that is taken is said, and a server that wants no login as well', async () => {
  await using bench = new Bench();
  await using server = await OAuthServer.start();
  const taken = Number(new URL(server.url).port);
  await expect(login(bench, server, { redirectPort: taken })).rejects.toMatchObject({
    code: 'redirect-port',
  });
  const { process: child, line } = await bench.start('everything', ['--http']);
  const url = line.trim();
  await using registry = await openRegistry(bench.options([httpServer('open', url)]));
  await expect(registry.login('open', yes)).rejects.toMatchObject({ code: 'login-not-needed' });
  await expect(registry.login('closed', yes)).rejects.toMatchObject({ code: 'unknown-server' });
  child.kill();
});

async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const address = holder.address();
  await new Promise((resolve) => holder.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
