/** What the harness and its host processes say to each other, over the channel of `fork`. Types only. */
import type { RunOutcome } from '../../src/host/engine/engine.ts';

export type ToHost =
  /** The modules are loaded beforehand: what is timed begins here. */
  | { readonly type: 'open'; readonly settings: HostSettings }
  | { readonly type: 'start'; readonly workflow: 'shapes' | 'agent'; readonly tag: string }
  | { readonly type: 'resume'; readonly runId: string }
  | { readonly type: 'replay'; readonly runId: string }
  | { readonly type: 'close' };

export type FromHost =
  | { readonly type: 'loaded' }
  | { readonly type: 'open' }
  | { readonly type: 'started'; readonly tag: string; readonly runId: string }
  | { readonly type: 'ended'; readonly runId: string; readonly outcome: RunOutcome }
  | {
      readonly type: 'replayed';
      readonly runId: string;
      readonly identical: boolean;
      readonly detail: string;
    }
  /** What was asked for could not be done. */
  | {
      readonly type: 'refused';
      readonly runId: string;
      readonly code: string;
      readonly message: string;
    };

export type HostSettings = {
  readonly home: string;
  readonly ledgerFile: string;
  readonly modelUrl: string;
  /** The ledger server tells there what it comes to. */
  readonly controlSocket?: string;
  /** Takes over what other hosts leave or die with. */
  readonly adopt?: boolean;
  /** How long a host may not be heard of before its runs are taken over. */
  readonly leaseMs?: number;
};
