import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';

import type { JsonObject } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import { nearestName, shownName } from '../../nearest-name.ts';

export type Validation =
  | { readonly type: 'valid' }
  | { readonly type: 'invalid'; readonly problems: readonly string[] }
  /** The schema itself is broken; nothing can be said about the value. */
  | { readonly type: 'no-schema'; readonly reason: string };

type Compiled = { readonly validate: ValidateFunction } | { readonly reason: string };

const compiled = new WeakMap<object, Compiled>();

/** Checks arguments against a tool's JSON Schema (2020-12, or draft-07 where it says so). Fetches no remote `$ref`. */
export function validateArguments(schema: JsonObject, value: JsonObject): Validation {
  const { validate, reason } = { validate: undefined, reason: '', ...compile(schema) };
  if (!validate) return { type: 'no-schema', reason };
  if (validate(value)) return { type: 'valid' };
  return {
    type: 'invalid',
    problems: (validate.errors ?? []).slice(0, 8).map((error) => describe(error, schema)),
  };
}

function compile(schema: JsonObject): Compiled {
  const known = compiled.get(schema);
  if (known) return known;
  const result = compileAnew(schema);
  compiled.set(schema, result);
  return result;
}

function compileAnew(schema: JsonObject): Compiled {
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

/** One problem in words a model can act on: where, what was expected, and the nearest known name. */
function describe(error: ErrorObject, schema: JsonObject): string {
  const place =
    error.instancePath === '' ? 'arguments' : `arguments${error.instancePath.replaceAll('/', '.')}`;
  switch (error.keyword) {
    case 'required':
      return `${place}: "${error.params['missingProperty']}" is missing`;
    case 'additionalProperties': {
      const unknown = String(error.params['additionalProperty']);
      const known =
        error.instancePath === '' && isJsonObject(schema['properties'])
          ? Object.keys(schema['properties'])
          : [];
      const hint =
        known.length > 0
          ? `; nearest is "${nearestName(unknown, known)}", known are ${known.join(', ')}`
          : '';
      return `${place}: "${shownName(unknown)}" is not known${hint}`;
    }
    case 'enum':
      return `${place}: must be one of ${JSON.stringify(error.params['allowedValues'])}`;
    default:
      return `${place}: ${error.message ?? error.keyword}`;
  }
}
