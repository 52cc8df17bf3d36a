import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startServer } from '../../fixtures/start-server.ts';
import type { StartedServer } from '../../fixtures/start-server.ts';
import { openSite } from '../../fixtures/web/site.ts';
import type { Site } from '../../fixtures/web/site.ts';

let site: Site;
let server: StartedServer;

beforeAll(async () => {
  site = await openSite();
  server = await startServer('web', { args: ['--allow-private'] });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const fetchPage = (path: string, more: object = {}) =>
  server.call('fetch', { url: site.url + path, ...more });

describe('fetch explains what it cannot fetch', () => {
  test.for([
    ['file:///etc/passwd', "'file:' URLs are not fetched"],
    ['javascript:alert(1)', "'javascript:' URLs are not fetched"],
    ['http://user:secret@example.com/', 'user name or password'],
    ['http://', 'is not a URL'],
    ['http://127.0.0.1:1/', 'could not be fetched'],
    ['http://no-such-name.invalid/', 'could not be fetched'],
  ] as const)('%s', async ([url, reason]) => {
    const answer = await server.call('fetch', { url });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain(reason);
  });

  test.for([
    ['/absent', 'answered 404 Not Found. Check the address'],
    ['/teapot', "answered 418 I'm a Teapot. It says: I am a teapot."],
    ['/loop', 'redirects more than 10 times'],
    ['/to-file', "'file:' URLs are not fetched"],
    ['/to-password', 'user name or password'],
    ['/archive.zip', 'is application/zip of 4 bytes, which cannot be read'],
    ['/announced', 'it has 52428800 bytes'],
    ['/endless', 'over the limit of 10485760 bytes'],
    ['/bomb', 'over the limit of 10485760 bytes'],
    ['/broken', 'could not be fetched'],
    ['/broken.pdf', 'could not be read'],
  ] as const)('%s', async ([path, reason]) => {
    const answer = await fetchPage(path);
    expect(answer.isError, answer.text.slice(0, 500)).toBe(true);
    expect(answer.text).toContain(reason);
  });

  test('a page that never answers ends with the caller’s patience', async () => {
    const abort = new AbortController();
    const call = server.client.callTool(
      { name: 'fetch', arguments: { url: `${site.url}/silent` } },
      { signal: abort.signal },
    );
    await expect.poll(() => site.requests.some(({ path }) => path === '/silent')).toBe(true);
    abort.abort();
    await expect(call).rejects.toThrow();
    expect((await fetchPage('/json')).isError).toBe(false);
  });

  test('a page nested too deep for its parser does not take the server down', async () => {
    const answer = await fetchPage('/deep');
    if (answer.isError) expect(answer.text).toContain('set raw');
    else expect(answer.text).toContain('deep down');
    expect((await fetchPage('/deep', { raw: true, maxCharacters: 1_000 })).isError).toBe(false);
    expect((await fetchPage('/article')).isError).toBe(false);
  });
});

describe('fetch', () => {
  test('gives the main content of a page as Markdown', async () => {
    const { structured, text } = await fetchPage('/article');
    expect(structured).toMatchObject({
      title: 'The Lighthouse',
      extraction: 'main',
      contentType: 'text/html; charset=utf-8',
    });
    const content = String(structured['content']);
    expect(content).toContain('The lighthouse keeper wrote');
    expect(content).toContain(`[the log](${site.url}/log?year=1901#top)`);
    expect(content).toContain(`![the lamp](${site.url}/lamp.png)`);
    expect(content).toContain('```python\ndef light():\n    return "on"\n```');
    expect(content).toContain(String.raw`| 1901 | 12 \| 13 |`);
    for (const unwanted of ['tracking', 'navigation', 'legal matters', 'base64', 'Ignore all previous']) {
      expect(content, unwanted).not.toContain(unwanted);
    }
    expect(text).toContain(`URL: ${site.url}/article`);
  });

  test.for(['/gzip', '/brotli', '/untyped', '/to-article'])('reads %s like the page itself', async (path) => {
    const plain = await fetchPage('/article');
    const { structured } = await fetchPage(path);
    expect(structured['content']).toBe(plain.structured['content']);
    if (path === '/to-article') expect(structured['finalUrl']).toBe(`${site.url}/article`);
  });

  test('gives the whole body where there is no main content, and says so', async () => {
    const { structured, text } = await fetchPage('/list');
    expect(structured).toMatchObject({ extraction: 'whole' });
    expect(structured['content']).toContain(`[Second](${site.url}/b)`);
    expect(text).toContain('this is the whole page');
    expect((await fetchPage('/fragment')).structured['content']).toContain('without a frame');
    expect((await fetchPage('/empty')).text).toContain('[The page has no text.]');
  });

  test('gives JSON, PDF, images and the source of a page', async () => {
    expect((await fetchPage('/json')).structured['content']).toBe('{"a": [1, 2]}');
    expect((await fetchPage('/article', { raw: true })).structured['content']).toContain('<script>');
    const paper = await fetchPage('/paper.pdf');
    expect(paper.structured).toMatchObject({ title: 'A Paper', extraction: 'none' });
    expect(paper.structured['content']).toBe(
      '## Page 1 of 2\n\nThe first page.\n\n## Page 2 of 2\n\nThe second page.',
    );
    const image = await fetchPage('/dot.png');
    expect(image.content.at(-1)).toMatchObject({ type: 'image', mimeType: 'image/png' });
  });

  test('reads encodings by header and by meta, and guesses UTF-8 for unknown ones', async () => {
    expect((await fetchPage('/latin1')).structured['content']).toBe('grün');
    expect((await fetchPage('/meta')).structured['content']).toBe('Мир');
    expect((await fetchPage('/unknown-charset')).structured['content']).toBe('grün');
  });

  test('a long page comes in parts that join to the whole, fetched once', async () => {
    const before = site.requests.filter(({ path }) => path === '/long').length;
    const parts: string[] = [];
    let startIndex: unknown = 0;
    while (typeof startIndex === 'number') {
      const answer = await fetchPage('/long', { startIndex, maxCharacters: 5_003 });
      parts.push(String(answer.structured['content']));
      startIndex = answer.structured['nextStartIndex'];
      if (startIndex !== undefined)
        expect(answer.text).toContain(`go on with startIndex ${JSON.stringify(startIndex)}`);
    }
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.join('')).toBe(Array.from({ length: 2_000 }, (_, line) => `line ${line} 🚂\n`).join(''));
    expect(site.requests.filter(({ path }) => path === '/long').length - before).toBe(1);
    const beyond = await fetchPage('/long', { startIndex: 1_000_000 });
    expect(beyond.text).toContain('beyond the end');
  });

  test('sends no cookie and names itself', async () => {
    await fetchPage('/cookie');
    const request = site.requests.findLast(({ path }) => path === '/json');
    expect(request?.headers.cookie).toBeUndefined();
    expect(request?.headers['user-agent']).toMatch(/^Switchyard\//);
  });
});
