/** Whose requests are taken, and what event each of them is. The digests are those that the senders publish. */
import { createHmac } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { SENDERS } from '../../../../../src/host/trigger/source/webhook/senders.ts';
import { createVerifier } from '../../../../../src/host/trigger/source/webhook/signing.ts';
import { GITHUB, hex, type OpenHooks, openHooks, post, SECRET } from './open-hooks.ts';

let hooks: OpenHooks;
beforeEach(() => {
  hooks = openHooks();
});
afterEach(() => hooks[Symbol.asyncDispose]());

const ALWAYS = 10_000_000_000;
const nowSeconds = () => Math.floor(Date.now() / 1_000);

function send(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body });
}

test.each([
  [
    'github' as const,
    "It's a Secret to Everybody",
    { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    'Hello, World!',
  ],
  [
    'slack' as const,
    '8f742231b10e8888abcd99yyyzzz85a5',
    {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  ],
  [
    'standard' as const,
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    '{"test": 2432232314}',
  ],
])('%s: the example that it publishes is good, and not with another body', (name, secret, headers, body) => {
  const { signing } = SENDERS[name];
  const verify = createVerifier({ signing, secrets: [secret], toleranceSeconds: ALWAYS });
  expect(verify(headers, Buffer.from(body))).toBeUndefined();
  expect(verify(headers, Buffer.from(`${body} `))).toBe('wrong-signature');
  const today = createVerifier({ signing, secrets: [secret], toleranceSeconds: 300 });
  expect(today(headers, Buffer.from(body))).toBe(name === 'github' ? undefined : 'outside-of-tolerance');
});

describe('github', () => {
  test('an event has the id of its delivery, and starts one run however often it is sent', async () => {
    const { url, told } = await hooks.open({ ...GITHUB, headers: ['X-Custom'] });
    const headers = { 'X-Custom': 'yes', Authorization: 'Basic abc', 'X-GitHub-Event': 'pull_request' };
    const sent = () =>
      post(`${url}?from=us&token=abc&tag=a&tag=b`, '{"action":"opened"}', { headers, delivery: 'guid-1' });
    const first = await sent();
    expect([first.status, await first.json()]).toEqual([202, { status: 'accepted', event: 'guid-1' }]);
    const again = await Promise.all([sent(), sent()]);
    expect(again.map(({ status }) => status)).toEqual([200, 200]);
    expect(await again[0]?.json()).toEqual({ status: 'duplicate', event: 'guid-1', run: 'run-1' });
    expect(told.events).toEqual([
      {
        id: 'guid-1',
        atMs: expect.any(Number),
        data: {
          type: 'pull_request',
          body: { action: 'opened' },
          headers: {
            'content-type': 'application/json',
            'user-agent': expect.any(String),
            'x-github-event': 'pull_request',
            'x-github-delivery': 'guid-1',
            'x-custom': 'yes',
          },
          query: { from: 'us', tag: ['a', 'b'] },
        },
      },
    ]);
  });

  test('a form has the same body in its field payload', async () => {
    const { url, told } = await hooks.open(GITHUB);
    const body = new URLSearchParams({ payload: '{"action":"opened"}' }).toString();
    await post(url, body, { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
    expect(told.events[0]?.data['body']).toEqual({ action: 'opened' });
  });

  test('the first ping, and kinds of events that nobody asked for, are answered and start nothing', async () => {
    const { url, told } = await hooks.open({ ...GITHUB, events: ['pull_request'] });
    const ping = await post(url, '{"zen":"Keep it simple."}', { headers: { 'X-GitHub-Event': 'ping' } });
    expect([ping.status, await ping.text()]).toEqual([200, 'pong']);
    const push = await post(url, '{}', { headers: { 'X-GitHub-Event': 'push' } });
    expect([push.status, await push.json()]).toEqual([200, { status: 'ignored' }]);
    expect((await post(url, '{}', { headers: { 'X-GitHub-Event': 'pull_request' } })).status).toBe(202);
    expect(told.events.map(({ data }) => data['type'])).toEqual(['pull_request']);
  });

  test('either of two secrets is good while one takes the place of the other', async () => {
    const { url } = await hooks.open({ sender: 'github', secret: ['the-former-secret-of-it', SECRET] });
    expect((await post(url, '{}', { secret: 'the-former-secret-of-it', delivery: 'a' })).status).toBe(202);
    expect((await post(url, '{}', { delivery: 'b' })).status).toBe(202);
    expect((await post(url, '{}', { secret: 'the-one-before-that-one' })).status).toBe(401);
  });
});

describe('stripe', () => {
  const signed = (body: string, seconds = nowSeconds(), secret = SECRET) =>
    `t=${seconds},v1=${hex(`${seconds}.${body}`, secret)},v0=${'0'.repeat(64)}`;

  test('an event has its own id, also when it is sent again at another time', async () => {
    const { url, told } = await hooks.open({ sender: 'stripe', secret: SECRET });
    const body = '{"id":"evt_1","type":"invoice.paid"}';
    const statuses = [];
    for (const seconds of [nowSeconds() - 100, nowSeconds()])
      statuses.push((await send(url, body, { 'Stripe-Signature': signed(body, seconds) })).status);
    expect(statuses).toEqual([202, 200]);
    expect(told.events).toMatchObject([{ id: 'evt_1', data: { type: 'invoice.paid' } }]);
    expect(JSON.stringify(told.events)).not.toContain('v1=');
  });

  test('an old request is taken for a replay, and so is one from the future or with another time', async () => {
    const { url, told } = await hooks.open({ sender: 'stripe', secret: SECRET, toleranceSeconds: 60 });
    const now = nowSeconds();
    for (const signature of [
      signed('{}', now - 120),
      signed('{}', now + 120),
      signed('{}', now - 120).replace(/^t=\d+/, `t=${now}`),
      signed('{}').replace('t=', 't=1e3,t='),
      `v1=${hex('{}')}`,
      '',
    ]) {
      const response = await send(url, '{}', { 'Stripe-Signature': signature });
      expect(response.status).toBe(401);
    }
    expect(told.deliveries).toEqual([]);
    const [old, future] = hooks.log.filter(({ event }) => event === 'webhook-refused');
    expect([old?.fields?.['reason'], future?.fields?.['reason']]).toEqual(
      Array(2).fill('outside-of-tolerance'),
    );
  });

  test('one good signature of several is enough', async () => {
    const { url } = await hooks.open({ sender: 'stripe', secret: SECRET });
    const now = nowSeconds();
    const other = hex(`${now}.{}`, 'the-secret-that-goes-away');
    expect(
      (await send(url, '{}', { 'Stripe-Signature': `t=${now},v1=${other},v1=${hex(`${now}.{}`)}` })).status,
    ).toBe(202);
  });
});

describe('slack', () => {
  const headersOf = (body: string, seconds = nowSeconds()) => ({
    'X-Slack-Request-Timestamp': String(seconds),
    'X-Slack-Signature': `v0=${hex(`v0:${seconds}:${body}`)}`,
  });

  test('the proof that somebody listens is given, and only to whoever signs', async () => {
    const { url, told } = await hooks.open({ sender: 'slack', secret: SECRET });
    const body = '{"type":"url_verification","challenge":"3eZbrw1a"}';
    const response = await send(url, body, headersOf(body));
    expect([response.status, await response.text()]).toEqual([200, '3eZbrw1a']);
    expect((await send(url, body, {})).status).toBe(401);
    expect(told.deliveries).toEqual([]);
  });

  test('an event is the same when it is tried again', async () => {
    const { url, told } = await hooks.open({ sender: 'slack', secret: SECRET, events: ['app_mention'] });
    const body = '{"type":"event_callback","event_id":"Ev1","event":{"type":"app_mention","text":"hi"}}';
    const first = await send(url, body, headersOf(body, nowSeconds() - 10));
    const again = await send(url, body, { ...headersOf(body), 'X-Slack-Retry-Num': '1' });
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(told.events).toMatchObject([{ id: 'Ev1', data: { type: 'app_mention' } }]);
    expect((await send(url, body, headersOf(body, nowSeconds() - 1_000))).status).toBe(401);
  });

  test('a slash command is a form', async () => {
    const { url, told } = await hooks.open({ sender: 'slack', secret: SECRET });
    const body = 'command=%2Fask&text=how+are+you&trigger_id=1.2.3';
    const headers = { ...headersOf(body), 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await send(url, body, headers)).status).toBe(202);
    expect(told.events).toMatchObject([
      { id: '1.2.3', data: { body: { command: '/ask', text: 'how are you' } } },
    ]);
  });
});

describe('standard webhooks', () => {
  const KEY = Buffer.from('a key of thirty-two random bytes');
  const secret = `whsec_${KEY.toString('base64')}`;
  const headersOf = (id: string, body: string, key = KEY, seconds = nowSeconds()) => {
    const digest = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
    return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${digest}` };
  };

  test('the id is signed: the same request under another one is refused', async () => {
    const { url, told } = await hooks.open({ sender: 'standard', secret });
    const headers = headersOf('msg_1', '{"type":"user.created"}');
    expect((await send(url, '{"type":"user.created"}', headers)).status).toBe(202);
    expect((await send(url, '{"type":"user.created"}', { ...headers, 'webhook-id': 'msg_2' })).status).toBe(
      401,
    );
    expect(told.events).toMatchObject([{ id: 'msg_1', data: { type: 'user.created' } }]);
  });

  test('a sender that replaces its secret signs with both', async () => {
    const { url } = await hooks.open({ sender: 'standard', secret });
    const former = headersOf('msg_1', '{}', Buffer.from('the key that goes away, not ours'));
    const good = headersOf('msg_1', '{}');
    const both = `v1a,abc ${former['webhook-signature']} ${good['webhook-signature']}`;
    expect((await send(url, '{}', { ...good, 'webhook-signature': both })).status).toBe(202);
  });

  test.each([
    ['an old time', (body: string) => headersOf('msg_1', body, KEY, nowSeconds() - 301)],
    ['a full stop in the id', (body: string) => headersOf('msg.1', body)],
    [
      'another version',
      (body: string) => {
        const headers = headersOf('msg_1', body);
        return { ...headers, 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v2,') };
      },
    ],
  ])('%s is refused', async (_what, headers) => {
    const { url } = await hooks.open({ sender: 'standard', secret });
    expect((await send(url, '{}', headers('{}'))).status).toBe(401);
  });
});

describe('any other sender', () => {
  test('signs the body as the config says, and names its events', async () => {
    const { url, told } = await hooks.open({
      secret: SECRET,
      signature: { header: 'X-Sign', algorithm: 'sha512', encoding: 'base64', prefix: 'mac ' },
      idHeader: 'X-Event-Id',
    });
    const digest = createHmac('sha512', SECRET).update('{"a":1}').digest('base64');
    const headers = { 'X-Sign': `mac ${digest}`, 'X-Event-Id': 'e-1' };
    expect((await send(url, '{"a":1}', headers)).status).toBe(202);
    expect((await send(url, '{"a":1}', headers)).status).toBe(200);
    expect(told.events[0]?.id).toBe('e-1');
    expect(JSON.stringify(told.events)).not.toContain(digest);
    expect((await send(url, '{"a":2}', headers)).status).toBe(401);
  });

  test('without an id the same body is the same event', async () => {
    const { url, told } = await hooks.open({ secret: SECRET, signature: { header: 'x-sign' } });
    const sent = (body: string) => send(url, body, { 'X-Sign': hex(body) });
    const statuses = [];
    for (const body of ['{"a":1}', '{"a":1}', '{"a":2}']) statuses.push((await sent(body)).status);
    expect(statuses).toEqual([202, 200, 202]);
    expect(told.events.map(({ id }) => id)).toEqual([
      expect.stringMatching(/^body-[\da-f]{64}$/),
      expect.stringMatching(/^body-[\da-f]{64}$/),
    ]);
  });

  test('an id of any length and any letters becomes one that can be kept', async () => {
    const { url, told } = await hooks.open({
      secret: SECRET,
      signature: { header: 'x-sign' },
      idHeader: 'x-id',
    });
    for (const id of ['x'.repeat(5_000), 'with a space'])
      expect((await send(url, '{}', { 'X-Sign': hex('{}'), 'X-Id': id })).status).toBe(202);
    for (const { id } of told.events) expect(id).toMatch(/^id-[\da-f]{64}$/);
  });
});

describe('a webhook without a secret', () => {
  test('takes requests of programs of this machine', async () => {
    const { url, told } = await hooks.open({ unsigned: true, idHeader: 'x-id' });
    expect((await send(url, '{"a":1}', { 'X-Id': '7' })).status).toBe(202);
    expect(told.events).toMatchObject([{ id: '7', data: { body: { a: 1 } } }]);
  });

  test.each([
    ['of a page in a browser', { Origin: 'https://example.com' }, 403],
    ['of a page of this machine', { Origin: 'http://localhost:3000' }, 403],
    ['that a tunnel passed on', { 'X-Forwarded-For': '203.0.113.9' }, 403],
    ['as a form, which any page can send', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['as text, which any page can send', { 'Content-Type': 'text/plain' }, 415],
  ])('takes none %s', async (_what, headers, status) => {
    const { url, told } = await hooks.open({ unsigned: true });
    expect((await send(url, '{}', headers)).status).toBe(status);
    expect(told.deliveries).toEqual([]);
  });

  test('is not opened where other machines reach it', async () => {
    hooks.settings = { ...hooks.settings, host: '0.0.0.0' };
    await expect(hooks.open({ unsigned: true })).rejects.toMatchObject({ code: 'webhook-unsigned' });
  });
});
