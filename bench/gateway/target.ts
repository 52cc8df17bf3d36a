/** Types only: what is measured. */
import type { RpcClient } from './rpc-client.ts';

export interface Target {
  readonly name: string;
  /** What it is measured for: what added time it may cost, and what is beside it. */
  readonly kind: 'floor' | 'ours' | 'peer';
  /** Starts it afresh, connects, and shakes hands. Rejects with the reason where it cannot be started. */
  readonly start: () => Promise<RunningTarget>;
}

export interface RunningTarget extends AsyncDisposable {
  readonly client: RpcClient;
  /** Where it is spoken to, over HTTP. */
  readonly url?: string;
  /** The process in the middle; for a floor, the server itself. */
  readonly pid: number;
  /** The name under which the upstream's `echo` is called. */
  readonly tool: string;
}
