import type { JsonObject } from '../../json.ts';

/** Decides on a tool call that is not read-only. It may ask a person; it denies rather than throws. */
export interface ApprovalPolicy {
  decide(question: ApprovalQuestion): Promise<ApprovalDecision>;
}

interface ApprovalQuestion {
  readonly name: string;
  readonly server: string;
  readonly title: string;
  readonly destructive: boolean;
  readonly arguments: JsonObject;
  readonly signal: AbortSignal;
}

export type ApprovalDecision = {
  readonly decision: 'allowed' | 'denied';
  /** Who or what decided: `--yes`, `person`, `no-terminal`. */
  readonly by: string;
  /** For the model, when denied: why, and what would allow it. */
  readonly reason?: string;
};

/** Allows everything, in the name of whoever asked for that. */
export function allowAll(by: string): ApprovalPolicy {
  return { decide: async () => ({ decision: 'allowed', by }) };
}

/** Denies everything that is not read-only, because nobody can be asked. */
export function denyAll(by: string, reason: string): ApprovalPolicy {
  return { decide: async () => ({ decision: 'denied', by, reason }) };
}
