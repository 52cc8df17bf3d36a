/** What a scenario has a client do. By default everything that the server offers is used once. */
import { isJsonObject, type Json, type JsonObject } from '../../src/json.ts';
import type { CallOptions, CallOutcome, Catalog, InputRequest, Registry } from '../../src/registry/index.ts';

export type Operation = (registry: Registry, options: CallOptions) => Promise<CallOutcome>;

export function operationsOf(scenario: string, given: JsonObject, catalog: Catalog): readonly Operation[] {
  const { toolCalls } = given;
  if (Array.isArray(toolCalls)) return toolCalls.filter(isJsonObject).map((call) => named(call, catalog));
  const tools = catalog.tools.map(({ name, definition }): Operation => {
    const args = scenario.startsWith('json-schema-2020-12')
      ? echoed(catalog)
      : sample(definition.inputSchema);
    return (registry, options) => registry.call(name, args, options);
  });
  const resources = catalog.resources.map(
    ({ uri }): Operation =>
      (registry, options) =>
        registry.read(uri, options),
  );
  const prompts = catalog.prompts.map(
    ({ name }): Operation =>
      (registry, options) =>
        registry.prompt(name, {}, options),
  );
  return [...tools, ...resources, ...prompts];
}

/** Accepts each question with the defaults of its form. */
export async function answerByDefaults({ method, params }: InputRequest): Promise<JsonObject> {
  switch (method) {
    case 'elicitation/create': {
      const schema = params['requestedSchema'];
      return { action: 'accept', content: isJsonObject(schema) ? sample(schema) : {} };
    }
    case 'sampling/createMessage':
      return {
        role: 'assistant',
        content: { type: 'text', text: 'Yes.' },
        model: 'none',
        stopReason: 'endTurn',
      };
    case 'roots/list':
      return { roots: [] };
    default:
      return method satisfies never;
  }
}

function named(call: JsonObject, catalog: Catalog): Operation {
  const { name: wanted, arguments: args } = call;
  const tool = catalog.tools.find(({ definition }) => definition.name === wanted);
  return (registry, options) =>
    registry.call(tool?.name ?? JSON.stringify(wanted), isJsonObject(args) ? args : {}, options);
}

/** The suite compares the schema that it gets back with the one that it sent. */
function echoed(catalog: Catalog): JsonObject {
  const focal = catalog.tools.find(({ definition }) => !('schema' in propertiesOf(definition.inputSchema)));
  return { schema: focal?.definition.inputSchema ?? {} };
}

/** Required properties with values of their types, others only where they have a default. */
function sample(schema: JsonObject): JsonObject {
  const required: readonly Json[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const values = Object.entries(propertiesOf(schema)).flatMap(([name, property]): [string, Json][] => {
    if (!isJsonObject(property)) return [];
    if (property['default'] !== undefined) return [[name, property['default']]];
    return required.includes(name) ? [[name, exampleOf(property)]] : [];
  });
  return Object.fromEntries(values);
}

function propertiesOf(schema: JsonObject): JsonObject {
  const { properties } = schema;
  return isJsonObject(properties) ? properties : {};
}

function exampleOf(property: JsonObject): Json {
  const allowed = property['enum'];
  if (Array.isArray(allowed)) return allowed[0] as Json;
  switch (property['type']) {
    case 'number':
    case 'integer':
      return 5;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return 'text';
  }
}
