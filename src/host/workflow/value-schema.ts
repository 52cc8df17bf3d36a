/** Schemas by which a program says what a workflow takes or gives. */
import { z } from 'zod';

import type { Json, JsonObject } from '../../json.ts';
import { loadValidator } from '../tool-call/load-validator.ts';

/** JSON Schema, or a schema of zod. */
export type ValueSchema<Value extends Json> = JsonObject | z.ZodType<Value>;

export type CheckedValue =
  | { readonly type: 'fits'; readonly value: Json }
  | { readonly type: 'misfit'; readonly problems: readonly string[] };

/** As clients and models are told of it. `io`: of zod's schemas, what goes in or what comes out. */
export function jsonSchemaOf(schema: ValueSchema<Json>, io: 'input' | 'output'): JsonObject {
  if (!(schema instanceof z.ZodType)) return schema;
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io });
  return plain as JsonObject;
}

/** A schema of zod gives what it makes of the value, defaults filled in; JSON Schema gives the value as it is. */
export async function checkedValue(
  schema: ValueSchema<Json>,
  value: Json,
  what: string,
): Promise<CheckedValue> {
  if (schema instanceof z.ZodType) {
    const { success, data, error } = await schema.safeParseAsync(value);
    if (success) return { type: 'fits', value: data };
    return {
      type: 'misfit',
      problems: error.issues
        .slice(0, 8)
        .map(({ path, message }) => `${[what, ...path.map(String)].join('.')}: ${message}`),
    };
  }
  const { validateValue } = await loadValidator();
  const checked = validateValue(schema, value, what);
  if (checked.type === 'valid') return { type: 'fits', value };
  return {
    type: 'misfit',
    problems:
      checked.type === 'invalid' ? checked.problems : [`the schema itself is broken: ${checked.reason}`],
  };
}
