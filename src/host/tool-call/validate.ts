import type { ErrorObject } from 'ajv';

import type { Json, JsonObject } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import { compiledSchema } from '../../json-schema.ts';
import { nearestName, shownName } from '../../nearest-name.ts';

export type Validation =
  | { readonly type: 'valid' }
  | { readonly type: 'invalid'; readonly problems: readonly string[] }
  /** The schema itself is broken; nothing can be said about the value. */
  | { readonly type: 'no-schema'; readonly reason: string };

/** Checks arguments against a tool's JSON Schema. */
export function validateArguments(schema: JsonObject, value: JsonObject): Validation {
  return validateValue(schema, value, 'arguments');
}

/** Checks any value; `what` is what the problems call it. */
export function validateValue(schema: JsonObject, value: Json, what: string): Validation {
  const { validate, reason } = { validate: undefined, reason: '', ...compiledSchema(schema) };
  if (!validate) return { type: 'no-schema', reason };
  if (validate(value)) return { type: 'valid' };
  return {
    type: 'invalid',
    problems: (validate.errors ?? []).slice(0, 8).map((error) => describe(error, schema, what)),
  };
}

/** One problem in words a model can act on: where, what was expected, and the nearest known name. */
function describe(error: ErrorObject, schema: JsonObject, what: string): string {
  const place = `${what}${error.instancePath.replaceAll('/', '.')}`;
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
