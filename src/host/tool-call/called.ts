/** What comes of sending a call once, as the step `call` journals it. Types only. */
import type { JsonObject } from '../../json.ts';
import type { CallOutcome } from '../../registry/contract.ts';
import type { ToolCallResult } from '../context.ts';
import type { Usage } from '../model/model.ts';

export type Called = Finished | Uncertain | InputAsked;

export type Finished = Spent & {
  readonly type: 'finished';
  readonly result: ToolCallResult;
  readonly sizeBytes: number;
  /** What was kept beside that, because it was too large. */
  readonly storedBytes: number;
};

/** The request left and no answer is recorded. What may be done about it is judged by what stands here. */
export type Uncertain = Spent & {
  readonly type: 'uncertain';
  readonly cause: UncertainCause;
  /** More than the cause says. */
  readonly message?: string;
  readonly sentAtMs: number;
  /** As annotations said that were trusted when it was sent. */
  readonly readOnly: boolean;
  readonly idempotent: boolean;
  /** Under which it was sent, to a tool that does a call with a key once. */
  readonly idempotencyKey?: string;
};

/** `interrupted`: the host that had sent it ended, or left the run, before it had an answer. */
export type UncertainCause = Extract<CallOutcome, { type: 'uncertain' }>['cause'] | 'interrupted';

/** The server wants input, and then the request once more (spec: basic/patterns/mrtr). */
export type InputAsked = Spent & {
  readonly type: 'input-required';
  readonly inputRequests: JsonObject;
  readonly requestState?: string;
};

type Spent = {
  readonly durationMs: number;
  /** What models cost that the server asked meanwhile. */
  readonly sampled: readonly SampledUsage[];
};

export type SampledUsage = { readonly usage: Usage; readonly costUsd?: number };

/** Which of the sendings of one call it is. */
export interface Sending {
  /** From 1; each round of input has repetitions of its own. */
  readonly attempt: number;
  /** From 1. */
  readonly round: number;
  /** What the server asked for in the round before. */
  readonly answers?: { readonly inputResponses?: JsonObject; readonly requestState?: string };
  /** What is known of the attempt before this one. */
  readonly repeats?: Uncertain;
  /** Nothing else makes it safe to repeat than that the tool takes the key, which therefore must still be so. */
  readonly onlyWithKey?: boolean;
}

export const FIRST_SENDING: Sending = { attempt: 1, round: 1 };

/** What is written down before a call leaves that does more than read. */
export type CallClaim = {
  readonly name: string;
  readonly server: string;
  readonly idempotent: boolean;
  readonly argumentsHash: string;
  /** Present where the tool takes one. */
  readonly idempotencyKey?: string;
  /** Wall clock. */
  readonly claimedAtMs: number;
  readonly attempt: number;
  readonly round: number;
};
