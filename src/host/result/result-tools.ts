import type { ToolDefinition } from '../../registry/contract.ts';
import type { HostTool } from '../tool-call/host-tool.ts';
import { createResultRead, READ_DEFINITION, type ResultToolOptions } from './read-tool.ts';
import { createResultSearch, SEARCH_DEFINITION } from './search-tool.ts';

/** What a model reads stored results with. */
export function createResultTools(options: ResultToolOptions): readonly HostTool[] {
  return [createResultRead(options), createResultSearch(options)];
}

export const RESULT_TOOL_DEFINITIONS: readonly ToolDefinition[] = [READ_DEFINITION, SEARCH_DEFINITION];
