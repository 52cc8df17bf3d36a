/** Whether an answer of a cascade is taken. Types only. */
import type { AssistantMessage, ModelRequest, Spent, StopReason } from '../model.ts';

export interface CheckedAnswer {
  readonly request: ModelRequest;
  readonly message: AssistantMessage;
  readonly stopReason: StopReason;
}

export type Objection = {
  /** `refusal`, `empty`, `tool-arguments`, `output`, `pattern`, `code` or `judge`. */
  readonly check: string;
  readonly reason: string;
};

export type CheckResult = {
  /** Undefined: the answer is taken. */
  readonly objection?: Objection;
  /** On the check itself, where a model judged. */
  readonly spent?: Spent;
};

export type Check = (
  answer: CheckedAnswer,
  options: { readonly signal: AbortSignal },
) => Promise<CheckResult>;

/** Of a program: what is wrong with an answer, or undefined where it is taken. One that throws takes none. */
export type OwnCheck = (answer: CheckedAnswer) => string | undefined | Promise<string | undefined>;
