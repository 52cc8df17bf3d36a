import type { JsonObject } from '../../json.ts';

/** Decides on a tool call, or on sampling. It may ask a person; it denies rather than throws, except where `signal` aborts. */
export interface ApprovalPolicy {
  decide(request: ApprovalRequest): Promise<ApprovalDecision>;
}

export interface ApprovalRequest {
  /** The exposed name of the tool, or `sampling/createMessage`. */
  readonly name: string;
  readonly server: string;
  /** The server's own name for the tool. */
  readonly ownName: string;
  readonly title: string;
  readonly traits: ToolTraits;
  readonly arguments: JsonObject;
  /** Why it must be put to a person, whatever rules say; a guard wants it. */
  readonly mustAsk?: string;
  /** Who allowed it beforehand, for what the host itself does: a command, a setting. A rule that denies still does. */
  readonly approvedBy?: string;
  /** Looks at arguments that a person made; without it they are taken as they are. */
  readonly check?: (args: JsonObject) => Promise<CheckedArguments>;
  readonly signal: AbortSignal;
}

export type CheckedArguments =
  | { readonly type: 'usable'; readonly arguments: JsonObject }
  | { readonly type: 'unusable'; readonly problem: string };

/** What annotations that the config trusts say of a tool; the protocol's cautious defaults where they say nothing. */
export type ToolTraits = {
  readonly readOnly: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
  readonly openWorld: boolean;
};

export type ApprovalDecision = {
  readonly decision: 'allowed' | 'denied';
  /** Who or what decided: `person`, `always`, `rule: …`, `--yes`, `no-terminal`, or `read-only`: nobody had to. */
  readonly by: string;
  /** For the model, when denied: why, and what would allow it. */
  readonly reason?: string;
  /** With `allowed`: what the person made of the arguments; checked. */
  readonly arguments?: JsonObject;
};

/** Puts a call to a person. It denies rather than throws, also where the terminal goes away. */
export interface Asker {
  ask(question: ApprovalQuestion): Promise<ApprovalAnswer>;
}

export interface ApprovalQuestion {
  readonly name: string;
  readonly server: string;
  readonly title: string;
  readonly destructive: boolean;
  readonly arguments: JsonObject;
  /** What would change, as a unified diff, where that can be told. */
  readonly diff?: string;
  /** Why it is asked, where it is more than that the tool is not read-only. */
  readonly reason?: string;
  /** What is wrong with `arguments`, which the person made at the last asking. */
  readonly problem?: string;
  /** What the answer `always` would mean, in a sentence; where it is absent that answer is not offered. */
  readonly always?: string;
  readonly signal: AbortSignal;
}

/** `always`: yes, and in this folder this tool is not asked about again. */
export type ApprovalAnswer =
  | { readonly type: 'yes' | 'no' | 'always' }
  | { readonly type: 'edit'; readonly arguments: JsonObject };

/** Allows everything, in the name of whoever asked for that. */
export function allowAll(by: string): ApprovalPolicy {
  return { decide: async ({ traits }) => ({ decision: 'allowed', by: traits.readOnly ? READ_ONLY : by }) };
}

/** Denies everything that is not read-only. */
export function denyAll(by: string, reason: string): ApprovalPolicy {
  return {
    decide: async ({ traits }) =>
      traits.readOnly ? { decision: 'allowed', by: READ_ONLY } : { decision: 'denied', by, reason },
  };
}

/** The decision that is too common to be told. */
export const READ_ONLY = 'read-only';
