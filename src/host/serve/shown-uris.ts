/** URIs of resources within what a server says, as they are read through us. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';

/** The URI that leads through us to the resource that the server calls so. */
export type ShownUri = (uri: string) => string;

/** Links and embedded resources in the blocks of a tool's result (spec: server/tools, "Tool Result"). */
export function toolResultWithShownUris(result: JsonObject, shown: ShownUri): JsonObject {
  return withEach(result, 'content', (block) => blockWithShownUri(block, shown));
}

export function promptWithShownUris(result: JsonObject, shown: ShownUri): JsonObject {
  return withEach(result, 'messages', (message) =>
    isJsonObject(message['content'])
      ? changed(message, 'content', blockWithShownUri(message['content'], shown))
      : message,
  );
}

export function contentsWithShownUris(result: JsonObject, shown: ShownUri): JsonObject {
  return withEach(result, 'contents', (content) => withShownUri(content, 'uri', shown));
}

/** The view of a tool (extension io.modelcontextprotocol/ui) in both places where definitions name it. */
export function toolWithShownUris(definition: JsonObject, shown: ShownUri): JsonObject {
  const { _meta } = definition;
  if (!isJsonObject(_meta)) return definition;
  const { ui } = _meta;
  const nested = isJsonObject(ui) ? changed(_meta, 'ui', withShownUri(ui, 'resourceUri', shown)) : _meta;
  return changed(definition, '_meta', withShownUri(nested, 'ui/resourceUri', shown));
}

function blockWithShownUri(block: JsonObject, shown: ShownUri): JsonObject {
  if (block['type'] === 'resource_link') return withShownUri(block, 'uri', shown);
  const { resource } = block;
  if (block['type'] !== 'resource' || !isJsonObject(resource)) return block;
  return changed(block, 'resource', withShownUri(resource, 'uri', shown));
}

function withShownUri(value: JsonObject, key: string, shown: ShownUri): JsonObject {
  const uri = value[key];
  return typeof uri === 'string' ? changed(value, key, shown(uri)) : value;
}

function withEach(result: JsonObject, key: string, change: (item: JsonObject) => JsonObject): JsonObject {
  const items = result[key];
  if (!Array.isArray(items)) return result;
  const before: readonly Json[] = items;
  const after = before.map((item) => (isJsonObject(item) ? change(item) : item));
  return after.every((item, index) => item === before[index]) ? result : { ...result, [key]: after };
}

/** The same object where nothing is another. */
function changed(object: JsonObject, key: string, value: Json): JsonObject {
  return object[key] === value ? object : { ...object, [key]: value };
}
