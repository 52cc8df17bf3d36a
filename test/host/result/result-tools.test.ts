import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { ToolCallResult } from '../../../src/host/context.ts';
import { MemoryJournals } from '../../../src/host/engine/memory.ts';
import type { Host } from '../../../src/host/host.ts';
import { createResultSearch } from '../../../src/host/result/search-tool.ts';
import type { JsonObject } from '../../../src/json.ts';
import { NEEDLE } from '../../fixtures/mcp/oversized-text.ts';
import { eventsOf, openTestHost, type TestHostOptions } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { oversizedServer } from '../../fixtures/oversized-server.ts';
import { openStore, PERSON, text as textContent } from './store-fixture.ts';

const HANDLE = /switchyard:\/\/results\/[0-9a-f]{32}/;
const silent: TestHostOptions['script'] = () => ({ type: 'answer', text: 'not asked' });

async function openHost(options: Partial<TestHostOptions> = {}) {
  const opened = await openTestHost({ script: silent, servers: [oversizedServer()], ...options });
  await opened.host.registry.ready();
  return opened;
}

async function call(host: Host, name: string, args: JsonObject): Promise<ToolCallResult> {
  const outcome = await host.call(name, args).result;
  if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.output;
}

function textOf(result: ToolCallResult): string {
  return result.content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
}

async function stored(
  host: Host,
  kind: string,
): Promise<{ uri: string; result: ToolCallResult; text: string }> {
  const result = await call(host, 'big__report', { kind });
  return { uri: result.stored?.[0] ?? 'none', result, text: textOf(result) };
}

describe('what a model is given of a long answer', () => {
  test('the head, how much there is, and where the whole is kept; a caller that keeps it gets all', async () => {
    await using opened = await openHost();
    const { result, text, uri } = await stored(opened.host, 'small');
    expect(text).toMatch(
      /^entry 000000000 [\s\S]*\n\[Cut: \d+ of \d{7} characters are shown; in all 7500 lines, about \d+ tokens\. /,
    );
    expect(text).toContain(
      `The whole is kept as ${uri}. Read on with switchyard__result_read {"uri":"${uri}"`,
    );
    expect(text.length).toBeLessThan(70_000);
    expect(JSON.stringify(result.result).length).toBeGreaterThan(3_000_000);
  });

  test('a few long texts are kept one by one, many as one, and what is short stays as it is', async () => {
    await using opened = await openHost();
    const { result, text } = await stored(opened.host, 'two-blocks');
    expect(result.stored).toHaveLength(2);
    expect(text).toContain('\nshort\n');
    expect(text).toContain('[resource file:///log]');
    const [json = '', log = ''] = result.stored ?? [];
    expect(
      textOf(await call(opened.host, 'switchyard__result_read', { uri: json, path: '$[4321].name' })),
    ).toBe(`"${NEEDLE}"\n[1 value]`);
    expect(textOf(await call(opened.host, 'switchyard__result_read', { uri: log, length: 1 }))).toContain(
      `${NEEDLE}\n[lines 1–1 of 3000`,
    );
    const many = await stored(opened.host, 'blocks');
    expect(many.result.stored).toHaveLength(1);
    expect(many.text).toContain('in all 2000 lines');
  });

  test('structured content without a text, the text of an error, and data are kept too', async () => {
    await using opened = await openHost();
    const structure = await stored(opened.host, 'structure');
    const path = '$.items[?@.id == 4321].name';
    expect(
      textOf(await call(opened.host, 'switchyard__result_read', { uri: structure.uri, path })),
    ).toContain(NEEDLE);

    const error = await stored(opened.host, 'error');
    expect(error.result).toMatchObject({ isError: true, outcome: 'tool-error' });
    const found = await call(opened.host, 'switchyard__result_search', {
      uri: error.uri,
      pattern: 'harvest',
    });
    expect(textOf(found)).toContain(`20002: ${NEEDLE}`);

    const binary = await stored(opened.host, 'binary');
    expect(binary.text).toContain('[application/x-disk, about 3000000 bytes: not shown to the model.');
    const read = await call(opened.host, 'switchyard__result_read', { uri: binary.uri });
    expect([read.isError, textOf(read)]).toEqual([true, expect.stringContaining('cannot be read as text')]);
  });

  test('a folder that cannot be written costs the rest of the answer, and says so', async () => {
    await using opened = await openHost();
    await rm(join(opened.home, 'state.db'), { force: true });
    await mkdir(join(opened.home, 'state.db'));
    const handle = opened.host.call('big__report', { kind: 'small' });
    const events = await eventsOf(handle);
    const outcome = await handle.result;
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
    expect(outcome.output.isError).toBe(false);
    expect(textOf(outcome.output)).toContain('The rest is lost: The result could not be kept');
    expect(events).toContainEqual(expect.objectContaining({ type: 'notice', code: 'result-not-kept' }));
  });
});

describe('reading and searching', () => {
  test('a result is read on from where its head ended, to its end, without a gap', async () => {
    await using opened = await openHost();
    const { uri, text } = await stored(opened.host, 'emoji');
    let whole = text.slice(0, text.indexOf('\n[Cut: ')).replace(/\n$/, '');
    let next: JsonObject | undefined = JSON.parse(/\{"uri".*?\}/.exec(text)?.[0] ?? '{}') as JsonObject;
    whole += '\n';
    for (let reads = 0; reads < 12; reads += 1) {
      const part = textOf(await call(opened.host, 'switchyard__result_read', { ...next, length: 9_000_000 }));
      const [body = '', place = ''] = part.split('\n[lines ');
      whole += `${body}\n`;
      const offset = /read on with offset (\d+)/.exec(place)?.[1];
      expect(offset).toBeDefined();
      next = { uri, offset: Number(offset) };
    }
    expect(whole).toBe('😀é漢\n'.repeat(whole.length / 5));
    const last = textOf(await call(opened.host, 'switchyard__result_read', { uri, offset: 399_999 }));
    expect(last).toBe(
      '😀é漢\n😀é漢\n[lines 399999–400000 of 400000, characters 1999991–2000000 of 2000000: the end]',
    );
    const beyond = await call(opened.host, 'switchyard__result_read', { uri, offset: 400_001 });
    expect(textOf(beyond)).toBe(`There is nothing at offset 400001: ${uri} has 400000 lines.`);
  });

  test('hits are counted, shown up to a limit, and gone on with by an offset', async () => {
    await using opened = await openHost();
    const { uri } = await stored(opened.host, 'emoji');
    const search = async (args: JsonObject) =>
      textOf(await call(opened.host, 'switchyard__result_search', { uri, pattern: '漢', ...args }));
    const first = await search({ limit: 2, context: 0 });
    expect(first).toContain('400000 matches, the first 2 of them:');
    const offset = Number(/the next ones with offset (\d+)/.exec(first)?.[1]);
    const second = await search({ limit: 1, context: 0, offset });
    expect(second).toContain('399998 matches');
    expect(second).toContain('line 3, character 14');
    expect(await search({ pattern: 'tulip' })).toContain('matches "tulip" from there on');
    expect(await search({ pattern: '(' })).toContain('is no regular expression');
  });

  test('a pattern that backtracks without end is stopped and explained', async () => {
    await using home = await temporaryFolder('results');
    using store = openStore(home.path);
    const { results } = store;
    const kept = await results.keep(textContent(`${'a'.repeat(50)}\n`), 'tool', PERSON);
    const search = createResultSearch({ results, timeoutMs: 500 });
    const context = { access: PERSON, maxTokens: 8_000, signal: new AbortController().signal };
    await expect(search.call({ uri: kept.uri, pattern: '(a+)+$x' }, context)).rejects.toMatchObject({
      code: 'result-unreadable',
      message: expect.stringMatching(/longer than 0\.5 s and was stopped\. The pattern probably backtracks/),
    });
    const cancelled = AbortSignal.abort(new Error('enough'));
    await expect(
      search.call({ uri: kept.uri, pattern: 'a' }, { ...context, signal: cancelled }),
    ).rejects.toThrow('enough');
  });

  test('JSON nested a hundred thousand deep is kept, searched and asked by a path', async () => {
    await using opened = await openHost();
    const { uri } = await stored(opened.host, 'nested');
    const read = async (path: string) =>
      textOf(await call(opened.host, 'switchyard__result_read', { uri, path }));
    expect(await read('$.a[0].a[0].b')).toContain('Nothing in');
    expect((await read('$.a[0].a')).startsWith('[{"a":[{"a":')).toBe(true);
    expect(await read('$[')).toContain('cannot be followed');
    const text = await call(opened.host, 'switchyard__result_search', { uri, pattern: '"bottom"' });
    expect(textOf(text)).toContain('1 match');
    const { text: withheld } = await stored(opened.host, 'nested-structure');
    expect(withheld).toMatch(/its answer is withheld: .*nested/);
    const { uri: plain } = await stored(opened.host, 'small');
    const refused = await call(opened.host, 'switchyard__result_read', { uri: plain, path: '$.a' });
    expect(textOf(refused)).toContain('is not JSON');
  });

  test('answers about a result are bounded, and never kept again', async () => {
    await using opened = await openHost({ maxResultTokens: 600 });
    const { uri } = await stored(opened.host, 'structure');
    for (const args of [{ length: 100_000 }, { unit: 'characters', length: 900_000 }, { path: '$..*' }]) {
      const result = await call(opened.host, 'switchyard__result_read', { uri, ...args });
      expect(textOf(result).length).toBeLessThan(6_000);
      expect(result.stored).toBeUndefined();
    }
    const found = await call(opened.host, 'switchyard__result_search', { uri, pattern: 'item', limit: 200 });
    expect(textOf(found).length).toBeLessThan(6_000);
    expect(await readdir(join(opened.home, 'results'))).toHaveLength(1);
  });
});

describe('a handle as an argument', () => {
  test('stands for the text, wherever it is the whole of a string, and stays a handle in the events', async () => {
    await using opened = await openHost();
    const { uri, result } = await stored(opened.host, 'small');
    const content = result.result?.['content'] as { text: string }[];
    const whole = content[0]?.text ?? '';
    const handle = opened.host.call('big__digest', { text: uri, parts: ['-', uri, `see ${uri}`] });
    const events = await eventsOf(handle);
    const outcome = await handle.result;
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
    const all = `${whole}-${whole}see ${uri}`;
    expect(JSON.parse(textOf(outcome.output))).toEqual({
      characters: all.length,
      sha256: createHash('sha256').update(all).digest('hex'),
    });
    const start = events.find((event) => event.type === 'tool-call-start');
    expect(start).toMatchObject({ arguments: { text: uri, parts: ['-', uri, `see ${uri}`] } });
    expect(JSON.stringify(events).length).toBeLessThan(20_000);
  });

  test('that nobody knows, or that is too large to be sent, is refused before anything is sent', async () => {
    await using opened = await openHost();
    const unknown = await call(opened.host, 'big__digest', {
      text: `switchyard://results/${'a'.repeat(32)}`,
    });
    expect(unknown).toMatchObject({ outcome: 'invalid-arguments', isError: true });
    expect(textOf(unknown)).toContain('There is no stored result');
    const { uri } = await stored(opened.host, 'large');
    const large = await call(opened.host, 'big__digest', { text: uri });
    expect(large.outcome).toBe('invalid-arguments');
    expect(textOf(large)).toContain('is too large to be an argument');
  });
});

test('the tools for stored results come with the first one, at the end of the list, and again at a replay', async () => {
  const journals = new MemoryJournals();
  await using opened = await openHost({
    journals,
    script: (request, n) => {
      if (n === 0) return { type: 'answer', toolCalls: [{ name: 'big__digest', arguments: { text: 'a' } }] };
      if (n === 1)
        return { type: 'answer', toolCalls: [{ name: 'big__report', arguments: { kind: 'small' } }] };
      const uri = HANDLE.exec(request.toolResults.at(-1)?.text ?? '')?.[0] ?? 'none';
      if (n === 2)
        return {
          type: 'answer',
          toolCalls: [{ name: 'switchyard__result_search', arguments: { uri, pattern: NEEDLE } }],
        };
      return { type: 'answer', text: 'found' };
    },
  });
  const handle = await opened.host.ask('Look for it.');
  const outcome = await handle.result;
  expect(outcome).toMatchObject({ type: 'done', output: { text: 'found' } });
  const offered = opened.model.requests.map(({ toolNames }) => toolNames);
  expect(offered[1]).toEqual(offered[0]);
  expect(offered[2]).toEqual([...(offered[0] ?? []), 'switchyard__result_read', 'switchyard__result_search']);
  expect(opened.model.requests[3]?.toolResults.at(-1)?.text).toMatch(
    /line 5001, character \d+\n4999- entry 000004998 /,
  );

  const requestCount = opened.model.requests.length;
  expect(await opened.host.engine.replay(handle.id)).toMatchObject({ type: 'identical', complete: true });
  expect(opened.model.requests).toHaveLength(requestCount);
  expect(await readdir(join(opened.home, 'results'))).toHaveLength(1);
});
