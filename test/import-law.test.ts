import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { sourceFiles, violations } from '../scripts/import-law.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

test('every import in the source obeys the law', async () => {
  expect(await violations(sourceFiles(root))).toEqual([]);
});

test('a forbidden import is named, dynamic ones included, and a type import is free', async () => {
  const files = new Map([
    ['src/registry/a.ts', `import type { Model } from '../host/model/model.ts';\nexport type A = Model;`],
    ['src/registry/b.ts', `export const load = () => import('../host/run.ts');`],
    ['src/host/model/c.ts', `import { DatabaseSync } from 'node:sqlite';\nexport const d = DatabaseSync;`],
    ['src/host/agent/d.ts', `export const home = process.env['HOME'];`],
  ]);
  const found = await violations(files);
  expect(found).toHaveLength(3);
  expect(found.join('\n')).toMatch(
    /registry\/b\.ts imports src\/host\/run\.ts[\s\S]*node:sqlite[\s\S]*process\.env/,
  );
});

test('a circle of imports is named', async () => {
  const files = new Map([
    ['src/config/a.ts', `import { b } from './b.ts';\nexport const a = b;`],
    ['src/config/b.ts', `import { a } from './a.ts';\nexport const b = a;`],
  ]);
  expect(await violations(files)).toEqual([
    expect.stringContaining('src/config/a.ts → src/config/b.ts → src/config/a.ts'),
  ]);
});
