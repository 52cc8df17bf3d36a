/** For whom a tool is (extension io.modelcontextprotocol/ui): some are for the views of their own server alone. */
import { isJsonObject } from '../../json.ts';
import type { ToolDefinition } from '../../registry/contract.ts';

export function isForModels({ definition }: { readonly definition: ToolDefinition }): boolean {
  const { _meta } = definition;
  const ui = isJsonObject(_meta) ? _meta['ui'] : undefined;
  const visibility = isJsonObject(ui) ? ui['visibility'] : undefined;
  return !Array.isArray(visibility) || visibility.some((one: unknown) => one === 'model');
}
