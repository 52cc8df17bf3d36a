/** What one guard is. Types only. */
import type { JsonObject } from '../../json.ts';
import type { AssistantMessage } from '../model/model.ts';
import type { GuardContext, GuardedCall, GuardedResult, Verdict } from './verdict.ts';

type Answer<Value> = Verdict<Value> | Promise<Verdict<Value>>;

/** It has the stages that it guards. Whatever it throws denies. */
export interface Guard {
  /** As it is named in verdict events and in the config: `secrets`. */
  readonly name: string;
  input?(text: string, context: GuardContext): Answer<string>;
  /** `revise` gives the arguments to call with. */
  toolCall?(call: GuardedCall, context: GuardContext): Answer<JsonObject>;
  /** `revise` gives the answer to go on with. */
  toolResult?(result: GuardedResult, context: GuardContext): Answer<JsonObject>;
  output?(message: AssistantMessage, context: GuardContext): Answer<AssistantMessage>;
}

/** Takes the pieces of one text as they stream and gives what may be shown. */
export interface StreamFilter {
  push(text: string): string;
  flush(): string;
}
