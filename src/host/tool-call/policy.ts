import type { JsonObject } from '../../json.ts';

/** Decides on a tool call, or on sampling. It denies rather than throws, except where `signal` aborts. */
export interface ApprovalPolicy {
  /** What needs no person. Where one is due, what there is to say about it: nobody has been asked. */
  settle(request: ApprovalRequest): Promise<ApprovalDecision | ApprovalDue>;
  /** The same, and where a person is due the one at hand is asked at once; without one it is a denial. */
  decide(request: ApprovalRequest): Promise<ApprovalDecision>;
}

export interface ApprovalRequest {
  /** The exposed name of the tool, or `sampling/createMessage`. */
  readonly name: string;
  /** `server__tool`, where the exposed name is the server's own. */
  readonly prefixedName?: string;
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
  /** On whose behalf it is; `person` where it is left out. */
  readonly actor?: string;
  readonly sessionId?: string;
  /** A person who is not at hand may answer later. Without it, nobody at hand is a denial. */
  readonly mayWait?: boolean;
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
  /** Who or what decided: `person`, `always`, `rule: …`, `--yes`, `no-terminal`, `expired`, or `read-only`: nobody had to. */
  readonly by: string;
  /** For the model, when denied: why, and what would allow it. */
  readonly reason?: string;
  /** With `allowed`: what the person made of the arguments; checked. */
  readonly arguments?: JsonObject;
};

export type ApprovalDue = {
  readonly decision: 'ask';
  /** Why it is asked, where it is more than that the tool is not read-only. */
  readonly reason?: string;
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
  /** For what the answer `always` may hold, and what it would mean; where it is absent that answer is not offered. */
  readonly always?: AlwaysOffer;
  readonly signal: AbortSignal;
}

export type AlwaysOffer = {
  readonly scopes: readonly AlwaysScope[];
  /** In a sentence or two. */
  readonly meaning: string;
};

/** How far "always" reaches: in this conversation, in this working folder, or wherever the person works. */
export type AlwaysScope = 'session' | 'folder' | 'person';

/** `always`: yes, and within the scope this tool is not asked about again. */
export type ApprovalAnswer =
  | { readonly type: 'yes' | 'no' }
  | { readonly type: 'always'; readonly scope: AlwaysScope }
  | { readonly type: 'edit'; readonly arguments: JsonObject };

/** Allows everything, in the name of whoever asked for that. */
export function allowAll(by: string): ApprovalPolicy {
  return withoutQuestions(({ traits }) => ({ decision: 'allowed', by: traits.readOnly ? READ_ONLY : by }));
}

/** Denies everything that is not read-only. */
export function denyAll(by: string, reason: string): ApprovalPolicy {
  return withoutQuestions(({ traits }) =>
    traits.readOnly ? { decision: 'allowed', by: READ_ONLY } : { decision: 'denied', by, reason },
  );
}

function withoutQuestions(decide: (request: ApprovalRequest) => ApprovalDecision): ApprovalPolicy {
  return { settle: async (request) => decide(request), decide: async (request) => decide(request) };
}

/** The decision that is too common to be told. */
export const READ_ONLY = 'read-only';
