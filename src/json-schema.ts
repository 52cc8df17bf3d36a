/** JSON Schemas as what checks a value. Large: loaded when the first value is to be checked. */
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';

import type { JsonObject } from './json.ts';

export type CompiledSchema = { readonly validate: ValidateFunction } | { readonly reason: string };

const compiled = new WeakMap<object, CompiledSchema>();
const LENIENT = { strict: false, allErrors: true, logger: false } as const;
let validator: Ajv2020 | undefined;
let validatorOfDraft7: Ajv | undefined;

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
  const isDraft7 = typeof declared === 'string' && /draft-0[67]/.test(declared);
  // One for each schema: what has an id in that of one server is not known in that of another.
  const ajv = new (isDraft7 ? Ajv : Ajv2020)({
    ...LENIENT,
    addUsedSchema: false,
    validateFormats: true,
    validateSchema: false,
  });
  addFormatsModule.default(ajv);
  try {
    const { $schema: _, ...plain } = schema;
    void schemaValidator(isDraft7).validateSchema(plain, true);
    return { validate: ajv.compile(plain) };
  } catch (thrown) {
    return { reason: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

/** What a schema itself must be like takes longer to compile than most schemas: it is compiled once for all of them. */
function schemaValidator(isDraft7: boolean): Ajv | Ajv2020 {
  if (isDraft7) {
    validatorOfDraft7 ??= new Ajv(LENIENT);
    return validatorOfDraft7;
  }
  validator ??= new Ajv2020(LENIENT);
  return validator;
}
