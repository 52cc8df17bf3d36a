import type { JsonObject } from '../../json.ts';
import type { ToolDefinition } from '../../registry/contract.ts';

/** A tool of the host itself, under the reserved server name. It reads only and answers as an MCP tool would. */
export interface HostTool {
  /** `switchyard__…` */
  readonly name: string;
  readonly definition: ToolDefinition;
  call(args: JsonObject): Promise<JsonObject>;
}

export const HOST_SERVER = 'switchyard';
