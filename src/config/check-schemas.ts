import type { JsonObject } from '../json.ts';
import type { JsonDocument, JsonPath } from './json-document.ts';
import { configInvalid, placed } from './problem.ts';

export interface WrittenSchema {
  readonly schema: JsonObject;
  readonly path: JsonPath;
}

/** Rejects with HostError `config-invalid` where one is no JSON Schema that a value could be checked against. */
export async function checkSchemas(
  file: string,
  schemas: readonly WrittenSchema[],
  document: JsonDocument,
): Promise<void> {
  if (schemas.length === 0) return;
  const { compiledSchema } = await import('../json-schema.ts');
  const problems = schemas.flatMap(({ schema, path }) => {
    const compiled = compiledSchema(schema);
    if ('validate' in compiled) return [];
    const message = `is no JSON Schema: ${compiled.reason}`;
    return [placed({ path, message, expected: 'a JSON Schema' }, document)];
  });
  if (problems.length > 0) throw configInvalid(file, problems);
}
