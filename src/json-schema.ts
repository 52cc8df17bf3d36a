/** JSON Schemas as what checks a value. Large: loaded when the first value is to be checked. */
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';

import type { JsonObject } from './json.ts';

export type CompiledSchema = { readonly validate: ValidateFunction } | { readonly reason: string };

const compiled = new WeakMap<object, CompiledSchema>();

/**
 * 2020-12, or draft-07 where it says so; fetches no remote `$ref`. Compiled once for each object. `reason`: the schema itself
 * is broken.
 */
export function compiledSchema(schema: JsonObject): CompiledSchema {
  const known = compiled.get(schema);
  if (known) return known;
  const result = compileAnew(schema);
  compiled.set(schema, result);
  return result;
}

function compileAnew(schema: JsonObject): CompiledSchema {
  const declared = schema['$schema'];
  const Validator = typeof declared === 'string' && /draft-0[67]/.test(declared) ? Ajv : Ajv2020;
  const ajv = new Validator({
    strict: false,
    allErrors: true,
    logger: false,
    addUsedSchema: false,
    validateFormats: true,
  });
  addFormatsModule.default(ajv);
  try {
    const { $schema: _, ...plain } = schema;
    return { validate: ajv.compile(plain) };
  } catch (thrown) {
    return { reason: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
