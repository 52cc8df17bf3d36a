/** What a tool call needs of the place where questions to a person are kept. */
import type { JsonObject } from '../../json.ts';
import type { ApprovalDecision, ApprovalRequest, Asker } from './policy.ts';

/** Calls that wait for a person: what is asked is kept, so that another process may answer it, also after this one died. */
export interface WaitingApprovals {
  /** Keeps what is asked, once for a run and place: asked for again, it is the one from before. */
  keep(asked: AskedCall, place: AskingPlace): Promise<KeptApproval>;
  /**
   * Puts what was kept to the person at hand, if there is one, until `signal` aborts because it was answered elsewhere.
   * What they say is kept, and the run is told by the signal `approval:<id>`. Never rejects.
   */
  attend(id: string, asked: AskedCall, runId: string): Promise<void>;
  /** Uses an approval once: asked for again with the same `usedBy` it answers the same, with any other it denies. */
  use(id: string, call: ApprovalUse): Promise<UsedApproval>;
  /** Asks the person at hand now, and keeps nothing. */
  ask(asked: AskedCall): Promise<ApprovalDecision>;
  /**
   * Of a call that belongs to no run that could wait: uses the approval that the same call was given before, or keeps the
   * question for when it is sent again. `asker`: the caller's own person, who is asked in place of one at hand.
   */
  consume(asked: AskedCall, usedBy: string, asker?: Asker): Promise<Decided | WaitingCall>;
}

/** `arguments` as they would be sent. */
export interface AskedCall extends ApprovalRequest {
  /** Why it is asked. */
  readonly reason?: string;
}

export type AskingPlace = {
  readonly runId: string;
  /** The step that asks. */
  readonly step: string;
};

export type KeptApproval =
  | { readonly type: 'kept'; readonly id: string; readonly expiresMs: number }
  | { readonly type: 'not-kept'; readonly reason: string };

export type ApprovalUse = {
  /** Those that are to be sent, if the person did not change them. */
  readonly arguments: JsonObject;
  /** Run and step. */
  readonly usedBy: string;
};

/** `pending`: nobody has decided yet. */
export type UsedApproval = Decided | { readonly type: 'pending' };

export type Decided = { readonly type: 'decided' } & ApprovalDecision;

export type WaitingCall = { readonly type: 'waiting'; readonly id: string; readonly expiresMs: number };

/** What the run of a kept question waits for. */
export function approvalSignal(id: string): string {
  return `approval:${id}`;
}
