/** What a run shares with others: limits that count over runs and processes. Types only. */
import type { BudgetAmount, BudgetReservation, BudgetWanted } from '../../context.ts';
import type { RunRecord } from '../engine.ts';

export interface SharedBudget {
  /** Which amounts there are limits of at the moment. */
  readonly counted: { readonly usd: boolean; readonly tokens: boolean };
  /**
   * Sets aside what is wanted for as long as this process lives. Waits while what is under way anywhere might use up what is
   * left. Rejects with HostError `limit-reached`, whose `scope` says what the limit is of, or with the signal's reason.
   */
  reserve(wanted: BudgetWanted, signal: AbortSignal): Promise<BudgetReservation>;
  /** Counts what nobody could foresee. */
  add(amount: NonNullable<BudgetAmount['model']>): Promise<void>;
}

export interface SharingRun {
  readonly run: RunRecord;
  /** Its turns and tool calls do not count: it is a call that somebody makes directly. */
  readonly ephemeral: boolean;
  /** See Journal. */
  readonly alongside: (work: () => void) => void;
}
