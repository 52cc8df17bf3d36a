/** What guards say and where they are asked. Types only. */
import type { JsonObject } from '../../json.ts';
import type { StoredEventInput } from '../event.ts';
import type { AssistantMessage } from '../model/model.ts';

export type GuardStage = 'input' | 'tool-call' | 'tool-result' | 'output';

export type Verdict<Value = unknown> =
  | { readonly type: 'allow' }
  | { readonly type: 'deny'; readonly reason: string }
  | { readonly type: 'revise'; readonly value: Value; readonly reason: string }
  | { readonly type: 'ask'; readonly question: string; readonly reason: string };

/** What all guards of a stage came to. `value` is what to go on with, revised where a guard revised it. */
export type GuardDecision<Value> =
  | { readonly type: 'allow'; readonly value: Value }
  /** Only of `toolCall`: at the other stages the person has answered already. `guard` is who asks. */
  | {
      readonly type: 'ask';
      readonly value: Value;
      readonly guard: string;
      readonly question: string;
      readonly reason: string;
    }
  | { readonly type: 'deny'; readonly reason: string };

export interface GuardContext {
  readonly signal: AbortSignal;
  /** Verdicts other than allow are told as `verdict` events. */
  readonly emit: (event: StoredEventInput) => void;
}

export interface GuardedCall {
  readonly callId: string;
  readonly name: string;
  readonly server: string;
  readonly readOnly: boolean;
  readonly arguments: JsonObject;
}

export interface GuardedResult {
  readonly callId: string;
  readonly name: string;
  readonly server: string;
  /** The server's own answer. */
  readonly result: JsonObject;
}

/** The guards of a host, stage by stage. A guard that throws denies. */
export interface Guards {
  input(text: string, context: GuardContext): Promise<GuardDecision<string>>;
  toolCall(call: GuardedCall, context: GuardContext): Promise<GuardDecision<JsonObject>>;
  /** Before anything of an answer is stored, shown or given to a model. */
  toolResult(result: GuardedResult, context: GuardContext): Promise<GuardDecision<JsonObject>>;
  /** One for each model call. */
  output(context: GuardContext): Promise<OutputGuard>;
  /** Masks secrets in what is shown or stored, where nobody waits. A value without any is returned as it is. */
  redact<Value extends JsonObject>(value: Value): Value;
}

export interface OutputGuard {
  /**
   * Takes the next piece of a stream (`key` tells texts, thinking and each call's arguments apart) and gives what may be
   * shown of all that came: less where the end could be the start of a match, nothing where answers are checked whole.
   */
  push(key: string, text: string): string;
  /** The rest of a stream. */
  flush(key: string): string;
  /** What was pushed is void: the model starts its answer anew. */
  restart(): void;
  /** The finished message: texts and thinking as they may be shown and stored; arguments of calls untouched. */
  finish(message: AssistantMessage): Promise<GuardDecision<AssistantMessage>>;
}
