import { afterEach, beforeEach, expect, test } from 'vitest';

import { DEFAULT_WEBHOOKS } from '../../src/config/webhooks-settings.ts';
import { type ConfigFolder, configFolder, failureOf } from './config-folder.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = configFolder();
});
afterEach(() => folder[Symbol.dispose]());

const SECRET = 'a-secret-of-some-length';
const load = (webhook: unknown, webhooks?: unknown) =>
  folder.loadText(
    JSON.stringify(
      { workflows: { work: { agent: {} } }, triggers: { hook: { workflow: 'work', webhook } }, webhooks },
      null,
      1,
    ),
  );

test('every way of signing is read, with what is not written', async () => {
  const webhook = { sender: 'github', secret: SECRET, events: ['push'], headers: ['X-More'] };
  const { triggers, webhooks } = await load(webhook, { port: 8_080 });
  expect(triggers['hook']?.webhook).toEqual(webhook);
  expect(webhooks).toEqual({ ...DEFAULT_WEBHOOKS, port: 8_080 });
  await load({
    sender: 'standard',
    secret: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    toleranceSeconds: 60,
  });
  await load({ signature: { header: 'X-Sign', encoding: 'base64' }, secret: SECRET, idHeader: 'X-Id' });
  await load({ unsigned: true }, { host: '::1' });
});

test.each([
  ['no secret', { sender: 'github' }, "'secret', or '\"unsigned\": true'"],
  ['nothing at all', {}, "'secret', or '\"unsigned\": true'"],
  ['a secret that nobody checks', { unsigned: true, secret: SECRET }, "'secret', or '\"unsigned\": true'"],
  ['a secret and no way of signing', { secret: SECRET }, "one of 'sender' and 'signature'"],
  [
    'two ways of signing',
    { secret: SECRET, sender: 'slack', signature: { header: 'x' } },
    "one of 'sender' and",
  ],
  [
    'events of nobody',
    { secret: SECRET, signature: { header: 'x' }, events: ['a'] },
    "'events' with a 'sender'",
  ],
  ['a time that is not signed', { secret: SECRET, sender: 'github', toleranceSeconds: 9 }, "(not 'github')"],
  ['a secret that cannot be decoded', { secret: SECRET, sender: 'standard' }, "a 'secret' in base64"],
  ['a short secret', { secret: 'short', sender: 'github' }, 'at least 16 characters'],
  ['no secret in the list', { secret: [], sender: 'github' }, 'at least 1'],
  [
    'a header with a credential',
    { secret: SECRET, sender: 'github', headers: ['Authorization'] },
    'no credential',
  ],
  ['a sender whom nobody knows', { secret: SECRET, sender: 'gitub' }, "Did you mean 'github'?"],
  [
    'a key that nobody knows',
    { secret: SECRET, sender: 'github', event: ['push'] },
    "Did you mean 'events'?",
  ],
])('%s is refused with what is expected, and without the secret', async (_what, webhook, said) => {
  const failure = await failureOf(load(webhook));
  expect(failure.code).toBe('config-invalid');
  expect(failure.message).toContain('triggers.hook.webhook');
  expect(failure.message).toContain(said);
  expect(failure.message).not.toContain(SECRET);
});

test('a secret that was written as a number is not shown', async () => {
  const failure = await failureOf(load({ secret: 1_234_567_890, sender: 'github' }));
  expect(failure.message).not.toContain('1234567890');
});

test('one without a secret is refused, by line, where other machines reach it', async () => {
  const failure = await failureOf(load({ unsigned: true }, { host: '0.0.0.0' }));
  expect(failure).toMatchObject({
    code: 'config-invalid',
    data: { problems: [{ path: 'triggers.hook.webhook.unsigned', line: 11 }] },
  });
  await load({ sender: 'github', secret: SECRET }, { host: '0.0.0.0' });
});

test('a server that is not there, and fields that no event of the kind has, are told with the nearest name', async () => {
  const loadResource = (resource: unknown, input = '{{data.text}}') =>
    folder.loadText(
      JSON.stringify({
        mcpServers: { notes: { command: 'notes' } },
        workflows: { work: { agent: {} } },
        triggers: { seen: { workflow: 'work', input, resource } },
      }),
    );
  await loadResource({ uri: 'note://one', server: 'notes' });
  const server = await failureOf(loadResource({ uri: 'note://one', server: 'note' }));
  expect(server.message).toContain("there is no server 'note'. There are notes. Did you mean 'notes'?");
  const field = await failureOf(loadResource({ uri: 'note://one' }, '{{data.test}}'));
  expect(field.message).toContain("Did you mean 'text'?");
});
