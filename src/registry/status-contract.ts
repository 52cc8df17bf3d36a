/** What is told of a configured server. */
import type { JsonObject } from '../json.ts';

export type ServerState = 'idle' | 'connecting' | 'ready' | 'degraded' | 'failed' | 'disabled';

export interface ServerStatus {
  readonly name: string;
  readonly state: ServerState;
  /** Why it is degraded or failed, and what to do. */
  readonly reason?: string;
  /** It is degraded because somebody has to log in first. */
  readonly loginDue?: true;
  readonly transport: 'stdio' | 'http' | 'sse' | 'none';
  readonly era?: 'modern' | 'legacy';
  readonly protocolVersion?: string;
  readonly serverInfo?: JsonObject;
  readonly instructions?: string;
  readonly pid?: number;
  readonly counts: { readonly tools: number; readonly resources: number; readonly prompts: number };
  /** True while the entries come from a persisted snapshot and no live answer has confirmed them. */
  readonly fromSnapshot: boolean;
  readonly connectMs?: number;
  /** With `isolation: "session"`: how many sessions have a connection. */
  readonly sessions?: number;
  readonly notices: readonly string[];
}
