import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';

import { parseJsonDocument } from '../../src/config/json-document.ts';
import { shippedConfigFile } from '../../src/config/package-root.ts';
import { configJsonSchema } from '../../src/config/schema.ts';
import { configMarkdown, knownKeys } from '../../src/config/schema-shape.ts';

test('the JSON Schema is valid, accepts the shipped default and refuses a slip', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(configJsonSchema());
  const shipped = parseJsonDocument(readFileSync(shippedConfigFile(), 'utf8'));
  expect(shipped.faults).toEqual([]);
  expect(validate(shipped.value)).toBe(true);
  expect(validate({ mcpServer: {} })).toBe(false);
  expect(validate({ budget: { maxTurns: 0 } })).toBe(false);
});

test('an editor is offered the keys of every kind of server', () => {
  const keys = knownKeys(['mcpServers', 'any']);
  for (const key of ['command', 'url', 'builtin', 'alias']) expect(keys).toContain(key);
});

test('the Markdown table tells each key once, with a meaning', () => {
  const rows = configMarkdown().split('\n').slice(2);
  const keys = rows.map((row) => row.split('|')[1]?.trim());
  expect(keys).toContain('`mcpServers.<name>.timeoutMs`');
  expect(keys.filter((key) => key === '`mcpServers.<name>.disabled`')).toHaveLength(1);
  for (const row of rows) expect(row).not.toMatch(/\| {2}\|$/);
});
