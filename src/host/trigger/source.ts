/** Where events come from that start runs: the contract between the triggers and each kind of source. Types only. */
import type { JsonObject } from '../../json.ts';

export type TriggerEvent = {
  /** The same occurrence always has the same id, whoever tells it and how often: it starts one run. */
  readonly id: string;
  readonly atMs: number;
  /** What the input's template may name. */
  readonly data: JsonObject;
};

/** What became of an event once it is written down. */
export type TriggerReceipt =
  | { readonly type: 'accepted' }
  /** An event of this id was taken before; its run, where it has one. */
  | { readonly type: 'duplicate'; readonly runId?: string }
  | { readonly type: 'paused' };

export interface DeliverOptions {
  /**
   * What becomes of an event where as many wait as may. `refuse`: `deliver` rejects with HostError `queue-full`, and it is told
   * again later. By default it is skipped, which is written down.
   */
  readonly onFull?: 'skip' | 'refuse';
}

export interface SourceOptions {
  readonly trigger: string;
  /** Aborted where nobody waits any more for the source to open. */
  readonly signal?: AbortSignal;
  /**
   * Resolves once the event is durable: whoever tells it may forget it then. Rejects with HostError where it could not be
   * written down; the source tells it again, or whoever told the source does.
   */
  readonly deliver: (event: TriggerEvent, options?: DeliverOptions) => Promise<TriggerReceipt>;
  /** Something about the source that a person has to know, such as a server that cannot be watched; it goes on trying. */
  readonly onProblem: (problem: { readonly code: string; readonly message: string }) => void;
}

/** One trigger's source while the daemon runs; closing it ends what it started. Nothing is delivered afterwards. */
export type TriggerSource = AsyncDisposable;
