import { describe, expect, test } from 'vitest';

import { startServer } from '../../fixtures/start-server.ts';
import { openSite } from '../../fixtures/web/site.ts';

const KEY = 'a-secret-key';

const json = (body: unknown) => (response: import('node:http').ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

const FOUND = { title: 'The <strong>Log</strong>', url: 'https://example.org/log' };

const PROVIDERS = [
  [
    'BRAVE_API_KEY',
    'Brave',
    '/res/v1/web/search',
    { web: { results: [{ ...FOUND, description: 'Ships &amp; weather' }] } },
    'x-subscription-token',
  ],
  [
    'TAVILY_API_KEY',
    'Tavily',
    '/search',
    { results: [{ ...FOUND, content: 'Ships & weather' }] },
    'authorization',
  ],
  ['EXA_API_KEY', 'Exa', '/search', { results: [{ ...FOUND, text: 'Ships & weather' }] }, 'x-api-key'],
  [
    'SERPER_API_KEY',
    'Serper',
    '/search',
    { organic: [{ title: FOUND.title, link: FOUND.url, snippet: 'Ships & weather' }] },
    'x-api-key',
  ],
  ['SEARXNG_URL', 'SearXNG', '/search', { results: [{ ...FOUND, content: 'Ships & weather' }] }, undefined],
] as const;

describe('search explains why it found nothing', () => {
  test('without a key it is listed and says which variables to set', async () => {
    await using server = await startServer('web');
    const { tools } = await server.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['fetch', 'search']);
    const answer = await server.call('search', { query: 'ships' });
    expect(answer.isError).toBe(true);
    for (const [variable] of PROVIDERS) expect(answer.text).toContain(variable);
  });

  test.for([
    [401, {}, 'Check BRAVE_API_KEY'],
    [429, { 'retry-after': '7' }, 'after 7'],
    [500, {}, 'status 500'],
    [302, { location: '/elsewhere' }, 'could not be asked'],
  ] as const)('status %s', async ([status, headers, reason]) => {
    await using site = await openSite({
      '/res/v1/web/search': (response) => {
        response.writeHead(status, headers);
        response.end();
      },
    });
    await using server = await startServer('web', {
      args: ['--search-url', site.url],
      env: { BRAVE_API_KEY: KEY },
    });
    const answer = await server.call('search', { query: 'ships' });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain(reason);
    expect(answer.text + server.stderr()).not.toContain(KEY);
    expect(site.requests).toHaveLength(1);
  });

  test.for([
    ['text that is no JSON', '<html>'],
    ['JSON of another shape', '{"results": 7}'],
  ] as const)('%s', async ([, body]) => {
    await using site = await openSite({ '/search': (response) => response.end(body) });
    await using server = await startServer('web', { env: { SEARXNG_URL: site.url } });
    expect((await server.call('search', { query: 'ships' })).text).toContain('in a form that is not known');
  });
});

describe('search', () => {
  test.for(PROVIDERS)('asks by %s', async ([variable, provider, path, body, keyHeader]) => {
    await using site = await openSite({ [path]: json(body) });
    const value = variable === 'SEARXNG_URL' ? `${site.url}/` : KEY;
    await using server = await startServer('web', {
      args: ['--search-url', site.url],
      env: { [variable]: value },
    });
    const answer = await server.call('search', { query: 'ships & weather', count: 3 });
    expect(answer.structured, answer.text).toEqual({
      query: 'ships & weather',
      provider,
      results: [{ title: 'The Log', url: 'https://example.org/log', snippet: 'Ships & weather' }],
    });
    const [request] = site.requests;
    if (keyHeader !== undefined) expect(request?.headers[keyHeader]).toContain(KEY);
    expect(`${decodeURIComponent((request?.path ?? '').replaceAll('+', ' '))} ${request?.body}`).toContain(
      'ships & weather',
    );
  });

  test('finding nothing is an answer', async () => {
    await using site = await openSite({ '/search': json({ results: [] }) });
    await using server = await startServer('web', { env: { SEARXNG_URL: site.url } });
    const answer = await server.call('search', { query: 'xyzzy' });
    expect(answer).toMatchObject({ isError: false, structured: { results: [] } });
  });
});
