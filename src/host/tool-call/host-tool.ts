import type { JsonObject } from '../../json.ts';
import type { ToolDefinition } from '../../registry/contract.ts';
import type { ResultAccess } from '../result/contract.ts';

/** A tool of the host itself, under the reserved server name. It reads only and answers as an MCP tool would. */
export interface HostTool {
  /** `switchyard__…` */
  readonly name: string;
  readonly definition: ToolDefinition;
  /** The answer is given to the model as it is: the tool bounds it. A HostError becomes an error that the model is told. */
  call(args: JsonObject, context: HostToolContext): Promise<JsonObject>;
}

export interface HostToolContext {
  /** On whose behalf it is called. */
  readonly access: ResultAccess;
  /** What the answer gives to a model at most, estimated. */
  readonly maxTokens: number;
  readonly signal: AbortSignal;
}

export const HOST_SERVER = 'switchyard';
