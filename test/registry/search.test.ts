import { describe, expect, test } from 'vitest';

import type { Json } from '../../src/json.ts';
import type { ToolEntry } from '../../src/registry/contract.ts';
import { ToolIndex } from '../../src/registry/search.ts';
import { requestTerms, root, searchTerms } from '../../src/registry/search-terms.ts';

function tool(
  server: string,
  name: string,
  description?: string,
  rest: Record<string, Json> = {},
): ToolEntry {
  const definition = {
    name,
    inputSchema: { type: 'object' },
    ...(description === undefined ? {} : { description }),
    ...rest,
  };
  return { name: `${server}__${name}`, server, definition, annotationsTrusted: false };
}

const CATALOG = [
  tool('filesystem', 'read_file', 'Reads a file.', {
    inputSchema: { type: 'object', properties: { path: { description: 'Where it is' } } },
  }),
  tool('filesystem', 'writeFile', 'Writes text.'),
  tool('github', 'listPullRequests', 'Open proposals of a repository.'),
  tool('github', 'create_issue', 'Reports a defect.', { annotations: { title: 'File a bug' } }),
  tool('weather', 'forecast', 'Temperature and rain for a city.', {
    inputSchema: { type: 'object', properties: { latitude: { type: 'number' }, cityName: true } },
  }),
];

const names = (query: string, tools: readonly ToolEntry[] = CATALOG): string[] =>
  new ToolIndex(tools).search(query).map(({ entry }) => entry.name);

describe('requests that find nothing or are strange', () => {
  test.each(['', '   ', '?!', '\u0000', 'xyzzy'])('%j gives nothing', (query) => {
    expect(names(query)).toEqual([]);
  });

  test('an empty catalog gives nothing', () => {
    expect(names('file', [])).toEqual([]);
  });

  test('a limit of nothing gives nothing', () => {
    expect(new ToolIndex(CATALOG).search('file', { limit: 0 })).toEqual([]);
  });

  test('tools without description or with a schema that is none are found by name', () => {
    const strange = [
      tool('a', 'plain'),
      tool('b', 'odd_schema', 'x', { inputSchema: { properties: ['no', 'object'] } }),
      tool('c', 'constructor', 'x', { inputSchema: { properties: { __proto__: null, toString: 5 } } }),
    ];
    expect(names('plain', strange)).toEqual(['a__plain']);
    expect(names('odd schema', strange)).toEqual(['b__odd_schema']);
    expect(names('constructor', strange)).toEqual(['c__constructor']);
  });

  test('a request of nothing but common words is searched for as it is', () => {
    expect(names('what is it', [tool('a', 'what_is_it')])).toEqual(['a__what_is_it']);
  });

  test('a very long request is answered', () => {
    expect(names(`${'filler '.repeat(50_000)} forecast`)).toEqual(['weather__forecast']);
  });
});

describe('a search', () => {
  test.each([
    ['pull requests', 'github__listPullRequests'],
    ['reading files', 'filesystem__read_file'],
    ['WRITE FILE', 'filesystem__writeFile'],
    ['file a bug', 'github__create_issue'],
    ['which city', 'weather__forecast'],
    ['latitude', 'weather__forecast'],
    ['temperatures', 'weather__forecast'],
    ['repositories', 'github__listPullRequests'],
    ['writer', 'filesystem__writeFile'],
  ])('for %j finds %s first', (query, expected) => {
    expect(names(query)[0]).toBe(expected);
  });

  test('gives equal scores in the order of names, whatever order the tools came in', () => {
    const equal = ['c', 'a', 'b'].map((server) => tool(server, 'same', 'The same words'));
    const servers = (list: readonly ToolEntry[]) => names('words', list);
    expect(servers(equal)).toEqual(['a__same', 'b__same', 'c__same']);
    expect(servers([...equal].reverse())).toEqual(servers(equal));
  });

  test('keeps to its limit and to the servers that are asked for', () => {
    const index = new ToolIndex(CATALOG);
    expect(index.search('file', { limit: 1 })).toHaveLength(1);
    const hits = index.search('file bug', { servers: ['github'] });
    expect(hits.map(({ entry }) => entry.server)).toEqual(['github']);
  });

  test('is sorted by score, and a word in the name counts more than one in the description', () => {
    const hits = new ToolIndex([tool('a', 'other', 'invoice'), tool('b', 'invoice', 'other')]).search(
      'invoice',
    );
    expect(hits.map(({ entry }) => entry.server)).toEqual(['b', 'a']);
    expect(hits[0]?.score).toBeGreaterThan(hits[1]?.score ?? Number.POSITIVE_INFINITY);
  });

  test('works in scripts that write without spaces and with accents', () => {
    const tools = [tool('a', 'x', '天気予報を取得する'), tool('b', 'y', 'Prévisions météo')];
    expect(names('予報', tools)).toEqual(['a__x']);
    expect(names('previsions', tools)).toEqual(['b__y']);
  });
});

describe('terms', () => {
  test.each([
    ['getHTTPResponse2xx', ['get', 'http', 'respons', '2', 'xx']],
    ['kebab-case snake_case dot.case', ['kebab', 'cas', 'snak', 'cas', 'dot', 'cas']],
    ['queries classes boxes files', ['queri', 'class', 'box', 'fil']],
    ['status analysis bus', ['status', 'analysis', 'bus']],
    ['string thing need bed', ['string', 'thing', 'need', 'bed']],
  ])('%s', (text, expected) => {
    expect(searchTerms(text)).toEqual(expected);
  });

  test('of a request are each there once, without those that say nothing', () => {
    expect(requestTerms("I'd like what's the user's file, the file")).toEqual(['lik', 'user', 'fil']);
  });

  test('relatives share a root, which is no term', () => {
    const roots = ['translate', 'translator', 'translation', 'translating'].map((word) =>
      root(searchTerms(word)[0] ?? ''),
    );
    expect(new Set(roots)).toEqual(new Set(['~transl']));
  });
});
