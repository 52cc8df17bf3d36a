import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

import { adaptSchema, adaptTools, type SchemaDialect } from '../../../src/host/model/schema.ts';
import { isJsonObject, type JsonObject } from '../../../src/json.ts';
import { dataFolder } from '../../fixtures/model/wire-file.ts';

const DIALECTS: readonly SchemaDialect[] = ['anthropic', 'openai'];
const data = dataFolder();
const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** The provider's rules, as their refusals state them. Empty: accepted. */
function refusals(schema: JsonObject, dialect: SchemaDialect): string[] {
  const found: string[] = [];
  if (schema.type !== 'object') found.push('the type at the top is not object');
  const banned =
    dialect === 'anthropic' ? ['oneOf', 'anyOf', 'allOf'] : ['oneOf', 'anyOf', 'allOf', 'enum', 'not'];
  for (const keyword of banned) if (keyword in schema) found.push(`${keyword} at the top`);
  if (JSON.stringify(schema).includes('"$schema"')) found.push('$schema');
  if (!ajv.validateSchema(schema)) found.push(`not draft 2020-12: ${ajv.errorsText(ajv.errors)}`);
  if (dialect === 'anthropic') {
    for (const name of Object.keys(isJsonObject(schema.properties) ? schema.properties : {})) {
      if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(name)) found.push(`property name ${name}`);
    }
  } else {
    if (!isJsonObject(schema.properties)) found.push('no properties at the top');
    if (hasArrayWithoutItems(schema)) found.push('an array without items');
  }
  return found;
}

function hasArrayWithoutItems(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasArrayWithoutItems);
  if (!isJsonObject(value)) return false;
  if (value.type === 'array' && value.items === undefined) return true;
  return Object.values(value).some(hasArrayWithoutItems);
}

describe.each(DIALECTS)('%s', (dialect) => {
  test.each([
    ['a text', 'object'],
    ['null', null],
    ['undefined', undefined],
    ['a list', []],
    ['a number', 7],
    ['a type that is none', { type: 'banana', properties: { a: { type: 'string' } } }],
    ['a text as the type of arguments', { type: 'string' }],
    ['nothing at all', {}],
    ['an enum at the top', { enum: ['a'] }],
    ['faults at every level', FAULTS()],
    ['a type that holds itself at the top', { $ref: '#' }],
    ['a reference to nothing', { type: 'object', properties: { a: { $ref: '#/definitions/none' } } }],
  ])('a schema that is no schema (%s) becomes one that is accepted, and says so', (_, schema) => {
    const { schema: adapted, notes } = adaptSchema(schema, dialect);
    expect(refusals(adapted, dialect)).toEqual([]);
    expect(notes.length).toBeGreaterThan(0);
  });

  test('a schema that is accepted is passed on as the same object, so that the prompt cache stays warm', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string' } } },
      required: ['a'],
    };
    expect(adaptSchema(schema, dialect)).toMatchObject({ notes: [] });
    expect(adaptSchema(schema, dialect).schema).toBe(schema);
    expect(adaptSchema(schema, dialect)).toBe(adaptSchema(schema, dialect));
  });

  test('what older drafts say is said in the modern draft, and nothing is lost', () => {
    const { schema, notes } = adaptSchema(
      {
        $schema: 'http://json-schema.org/draft-04/schema#',
        properties: {
          pair: { type: 'array', items: [{ type: 'string' }, { type: 'number' }], additionalItems: false },
          size: { type: 'number', minimum: 0, exclusiveMinimum: true },
          name: { type: 'String', required: true },
        },
      },
      dialect,
    );
    expect(refusals(schema, dialect)).toEqual([]);
    expect(notes).toEqual([]);
    expect(schema).toEqual({
      type: 'object',
      properties: {
        pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false },
        size: { type: 'number', exclusiveMinimum: 0 },
        name: { type: 'string' },
      },
      required: ['name'],
    });
  });

  test('allOf and a reference at the top are merged without loss', () => {
    const { schema, notes } = adaptSchema(
      {
        $ref: '#/definitions/base',
        allOf: [{ type: 'object', properties: { b: { type: 'number' } }, required: ['b'] }],
        definitions: { base: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } },
      },
      dialect,
    );
    expect(refusals(schema, dialect)).toEqual([]);
    expect(notes).toEqual([]);
    expect(schema).toMatchObject({
      properties: { a: { type: 'string' }, b: { type: 'number' } },
      required: ['a', 'b'],
    });
  });

  test.each(['anyOf', 'oneOf'])(
    '%s at the top accepts whatever one of the shapes accepts, and describes them',
    (keyword) => {
      const original = {
        type: 'object',
        properties: { id: { type: 'string' } },
        required: ['id'],
        [keyword]: [
          { properties: { kind: { const: 'file' }, path: { type: 'string' } }, required: ['kind', 'path'] },
          { properties: { kind: { const: 'url' }, url: { type: 'string' } }, required: ['kind', 'url'] },
        ],
      };
      const { schema, notes } = adaptSchema(original, dialect);
      expect(refusals(schema, dialect)).toEqual([]);
      expect(notes).toHaveLength(1);
      expect(schema.required).toEqual(['id', 'kind']);
      expect(schema.description).toContain('(1) kind, path; (2) kind, url');
      const accepts = ajv.compile(schema);
      for (const given of [
        { id: '1', kind: 'file', path: '/a' },
        { id: '1', kind: 'url', url: 'b' },
      ]) {
        expect(ajv.compile(original)(given)).toBe(true);
        expect(accepts(given)).toBe(true);
      }
      expect(accepts({ id: '1', kind: 'ftp' })).toBe(false);
    },
  );
});

test('property names that Anthropic refuses are sent under others and known under their own', () => {
  const inputSchema = {
    type: 'object',
    properties: { 'filter[id]': { type: 'string' }, filter_id_: {}, $top: {} },
    required: ['filter[id]'],
  };
  const { tools, byName, notes } = adaptTools([{ name: 'list', description: '', inputSchema }], 'anthropic');
  expect(refusals(tools[0]?.schema ?? {}, 'anthropic')).toEqual([]);
  expect(notes).toEqual([]);
  const sent = byName.get('list')?.sentNames.get('filter[id]') ?? '';
  expect(sent).toMatch(/^filter_id__[0-9a-f]{8}$/);
  expect(tools[0]?.schema.required).toEqual([sent]);
  expect(byName.get('list')?.ownNames.get(sent)).toBe('filter[id]');
  expect(byName.get('list')?.ownNames.get('_top')).toBe('$top');
});

function FAULTS(): JsonObject {
  return {
    type: 'object',
    title: 5,
    properties: {
      a: { type: ['string', 'banana'] },
      b: 'string',
      c: null,
      d: { type: 'string', pattern: '(', minLength: -1, enum: [], format: 7 },
      e: { anyOf: [], oneOf: 'x', items: 3, required: 'a', minimum: '1' },
      f: { $ref: 'http://elsewhere.example/schema.json' },
    },
    required: ['a', 5, 'a'],
    $defs: 'none',
  };
}

describe.skipIf(data === undefined)(
  'real catalogs (skipped without BENCH_DATA or shared/data beside the checkout)',
  () => {
    const schemas = ['npm_mcp_servers', 'docker_mcp_registry'].flatMap((folder) => {
      if (data === undefined) return [];
      const files = readdirSync(join(data, folder)).filter((name) => name.endsWith('.json'));
      return files.flatMap((name) => {
        const content: unknown = JSON.parse(readFileSync(join(data, folder, name), 'utf8'));
        const tools: unknown = isJsonObject(content) ? content.tools : content;
        const list: readonly unknown[] = Array.isArray(tools) ? tools : [];
        return list
          .filter(isJsonObject)
          .flatMap((tool) => (isJsonObject(tool.inputSchema) ? [tool.inputSchema] : []));
      });
    });

    test.each(DIALECTS)(
      'every schema is accepted by %s, without loss, and nearly all are the same bytes but for $schema',
      (dialect) => {
        expect(schemas.length).toBeGreaterThan(500);
        let equal = 0;
        for (const schema of schemas) {
          const { schema: adapted, notes } = adaptSchema(schema, dialect);
          expect(refusals(adapted, dialect)).toEqual([]);
          expect(notes).toEqual([]);
          const { $schema: _, ...rest } = schema;
          if (JSON.stringify(adapted) === JSON.stringify(rest)) equal += 1;
        }
        process.stdout.write(`${dialect}: ${equal} of ${schemas.length} schemas are the same bytes\n`);
        expect(equal / schemas.length).toBeGreaterThan(0.95);
      },
    );
  },
);
