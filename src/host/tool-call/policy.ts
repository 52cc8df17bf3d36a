import type { JsonObject } from '../../json.ts';

/** Decides on a tool call that is not read-only. It may ask a person; it denies rather than throws. */
export interface ApprovalPolicy {
  decide(question: ApprovalQuestion): Promise<ApprovalDecision>;
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
  readonly signal: AbortSignal;
}

export type ApprovalDecision = {
  readonly decision: 'allowed' | 'denied';
  /** Who or what decided: `--yes`, `person`, `no-terminal`. */
  readonly by: string;
  /** For the model, when denied: why, and what would allow it. */
  readonly reason?: string;
  /** With `allowed`: what the person made of the arguments; checked against the schema again. */
  readonly arguments?: JsonObject;
};

/** Puts a call to a person. It denies rather than throws, also where the terminal goes away. */
export interface Asker {
  ask(question: ApprovalQuestion): Promise<ApprovalAnswer>;
}

/** `always`: yes, and in this folder this tool is not asked about again. */
export type ApprovalAnswer =
  | { readonly type: 'yes' | 'no' | 'always' }
  | { readonly type: 'edit'; readonly arguments: JsonObject };

/** Allows everything, in the name of whoever asked for that. */
export function allowAll(by: string): ApprovalPolicy {
  return { decide: async () => ({ decision: 'allowed', by }) };
}

/** Denies everything that is not read-only, because nobody can be asked. */
export function denyAll(by: string, reason: string): ApprovalPolicy {
  return { decide: async () => ({ decision: 'denied', by, reason }) };
}

/** Asks a person about everything that is not read-only. */
export function askEverything(asker: Asker): ApprovalPolicy {
  return {
    async decide(question) {
      const answer = await asker.ask(question);
      switch (answer.type) {
        case 'yes':
        case 'always':
          return { decision: 'allowed', by: 'person' };
        case 'edit':
          return { decision: 'allowed', by: 'person', arguments: answer.arguments };
        case 'no':
          return { decision: 'denied', by: 'person', reason: 'the person said no' };
        default:
          return answer satisfies never;
      }
    },
  };
}
