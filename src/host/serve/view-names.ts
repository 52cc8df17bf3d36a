/** Tools as the views of servers call them (extension io.modelcontextprotocol/ui): by the names that their server gives them. */
import { isJsonObject, type JsonObject } from '../../json.ts';

interface NamedTool {
  readonly name: string;
  readonly server: string;
  /** As the server has it. */
  readonly definition: JsonObject & { readonly name: string };
}

/** From own names of the tools of servers with views to shown ones, where no other tool has that name or is shown by it. */
export function viewNames(tools: readonly NamedTool[]): ReadonlyMap<string, string> {
  const withViews = new Set(tools.filter(hasView).map(({ server }) => server));
  const counts = new Map<string, number>();
  for (const { name, definition } of tools)
    for (const called of new Set([name, definition.name])) counts.set(called, (counts.get(called) ?? 0) + 1);
  return new Map(
    tools
      .filter(({ server, definition }) => withViews.has(server) && counts.get(definition.name) === 1)
      .map(({ name, definition }) => [definition.name, name]),
  );
}

function hasView({ definition }: NamedTool): boolean {
  const { _meta } = definition;
  if (!isJsonObject(_meta)) return false;
  return typeof _meta['ui/resourceUri'] === 'string' || isJsonObject(_meta['ui']);
}
