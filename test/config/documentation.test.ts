import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { packageRoot } from '../../src/config/package-root.ts';
import { configMarkdown } from '../../src/config/schema-shape.ts';

test('the table of keys in the guide is the one that the schema gives', async () => {
  const guide = await readFile(join(packageRoot(), 'docs', 'configuration.md'), 'utf8');
  expect(guide).toContain(configMarkdown().trim());
});
