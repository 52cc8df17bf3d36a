import { join } from 'node:path';

import { expect, test } from 'vitest';

import { createToolSearch } from '../../../src/host/agent/tool-offer.ts';
import { createToolLists } from '../../../src/host/tool-call/tool-lists.ts';
import { isForModels } from '../../../src/host/tool-call/tool-visibility.ts';
import type { RunContext } from '../../../src/host/context.ts';
import { openRegistry } from '../../../src/registry/index.ts';
import { Bench, stdioServer } from '../../registry/fixture.ts';

test('a tool that is for the views of its server alone is neither offered to a model nor found by it', async () => {
  await using bench = new Bench();
  const file = join(import.meta.dirname, '../../fixtures/mcp/views.ts');
  const definition = stdioServer('chart', 'everything', [], {
    args: [file, '--uri', 'ui://a', '--refresh', 'reload'],
  });
  await using registry = await openRegistry(bench.options([definition]));
  await registry.ready();
  expect(registry.catalog().tools.map(({ name }) => name)).toEqual(['chart__reload', 'chart__show']);
  const list = createToolLists({
    registry,
    store: { keep: async () => undefined, get: async () => undefined },
    summaryOf: ({ name, server, definition: { inputSchema } }) => ({
      name,
      server,
      inputSchema,
      description: '',
      readOnly: true,
      idempotent: true,
    }),
  });
  const context = {
    step: async (_name: string, work: (step: { signal: AbortSignal }) => unknown) =>
      work({ signal: new AbortController().signal }),
  } as unknown as RunContext;
  expect((await list(context)).tools.map(({ name }) => name)).toEqual(['chart__show']);
  const tool = createToolSearch(registry);
  const search = async (query: string): Promise<string> =>
    JSON.stringify(await tool.call({ query }, {} as never));
  expect(await search('show chart')).toContain('chart__show');
  expect(await search('reload')).not.toContain('chart__reload');
});

test.each([
  [{}, true],
  [{ _meta: { ui: { resourceUri: 'ui://a' } } }, true],
  [{ _meta: { ui: { visibility: ['model', 'app'] } } }, true],
  [{ _meta: { ui: { visibility: ['app'] } } }, false],
  [{ _meta: { ui: { visibility: [] } } }, false],
  [{ _meta: { ui: { visibility: 'app' } } }, true],
])('by %j that is %s', (more, expected) => {
  expect(isForModels({ definition: { name: 'one', inputSchema: {}, ...more } })).toBe(expected);
});
