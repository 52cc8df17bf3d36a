import { expect, test } from 'vitest';

import { toolFilter } from '../../../../src/host/workflow/pattern/tool-filter.ts';

test.each([
  [['web__*'], { name: 'web__fetch' }, true],
  [['web__*'], { name: 'fetch', prefixedName: 'web__fetch' }, true],
  [['fetch'], { name: 'fetch', prefixedName: 'web__fetch' }, true],
  [['web__*', 'memory__recall'], { name: 'memory__recall' }, true],
  [['web__*'], { name: 'filesystem__write_file' }, false],
  [['web__*'], { name: 'write_file', prefixedName: 'filesystem__write_file' }, false],
  [[], { name: 'web__fetch' }, false],
])('of the globs %j the tool %j: %s', (globs, tool, fits) => {
  expect(toolFilter(globs)(tool)).toBe(fits);
});
