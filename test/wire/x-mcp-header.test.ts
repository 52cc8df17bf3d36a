import { expect, test } from 'vitest';

import { headerDeclarations, mirroredHeaders } from '../../src/wire/x-mcp-header.ts';

const property = (type: string, header: string) => ({ type, 'x-mcp-header': header });
const schema = (properties: Record<string, object>) =>
  JSON.parse(JSON.stringify({ type: 'object', properties })) as { [key: string]: string };

test.each([
  ['a number', schema({ n: property('number', 'N') })],
  ['an invalid name', schema({ n: property('string', 'a b') })],
  ['twice the same', schema({ a: property('string', 'X'), b: property('string', 'x') })],
  ['inside items', schema({ a: { type: 'array', items: property('string', 'X') } })],
  ['inside oneOf', { oneOf: [schema({ a: property('string', 'X') })] }],
])('declarations that are not valid are told (%s)', (_name, input) => {
  expect(headerDeclarations(input).ok).toBe(false);
});

test('nested properties are mirrored, in base64 where a header could not carry them', () => {
  const input = schema({
    region: property('string', 'Region'),
    deep: {
      type: 'object',
      properties: { on: property('boolean', 'On'), count: property('integer', 'Count') },
    },
    absent: property('string', 'Absent'),
  });
  expect(mirroredHeaders(input, { region: 'Zürich', deep: { on: true, count: 3 } })).toEqual({
    'Mcp-Param-Region': '=?base64?WsO8cmljaA==?=',
    'Mcp-Param-On': 'true',
    'Mcp-Param-Count': '3',
  });
});

test('what stands in a default is data', () => {
  const input = schema({ a: { type: 'object', default: { 'x-mcp-header': 'no' } } });
  expect(headerDeclarations(input)).toEqual({ ok: true, declarations: [] });
});
