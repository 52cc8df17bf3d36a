/** The facts about a run. Every reader (terminal, log, `run --json`) reads this one stream. Types only. */
import type { Json, JsonObject } from '../json.ts';
import type { GuardStage, Verdict } from './guard/verdict.ts';
import type { WorkflowEventInput } from './event-of-workflow.ts';
import type { AssistantMessage, ModelFailure, StopReason, Usage } from './model/model.ts';

/** Where and when: added by the engine. `at` is wall-clock milliseconds, for people; durations are monotonic. */
export type EventPlace = {
  readonly runId: string;
  /** The branch on which it happened: '' for the trunk, `turn-1/call-2` below it. */
  readonly path: string;
  readonly at: number;
};

/** Stored events are numbered from 1 without gaps. */
export type StoredEvent = EventPlace & { readonly number: number } & StoredEventInput;

/** Deltas are not stored. `offset` counts the UTF-16 units of the same kind before it in this attempt of the step. */
export type DeltaEvent = EventPlace & {
  readonly step: string;
  readonly attempt: number;
  readonly offset: number;
} & DeltaEventInput;

export type RunEvent = StoredEvent | DeltaEvent;

export type DeltaEventInput =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'thinking-delta'; readonly text: string }
  | { readonly type: 'tool-input-delta'; readonly callId: string; readonly text: string };

export type StoredEventInput =
  | {
      readonly type: 'run-start';
      readonly workflow: string;
      readonly input: Json;
      readonly budget: JsonObject;
    }
  | {
      readonly type: 'run-end';
      readonly outcome: RunOutcomeType;
      readonly output?: Json;
      readonly error?: EventError;
      /** Of a run that a limit stopped. */
      readonly achieved?: Achieved;
      readonly totals: RunTotals;
      readonly durationMs: number;
    }
  /** A run that was interrupted goes on: from its journal, in this or in another host. */
  | {
      readonly type: 'run-resume';
      readonly reason: 'resumed' | 'adopted';
      readonly budget: JsonObject;
      /** By path: limits of parts that are other ones from here on. */
      readonly parts?: { readonly [path: string]: JsonObject };
      /** Its workflow is another than when it began, by revision: what is journaled stays, and the rest is done by this one. */
      readonly changed?: { readonly from: string; readonly to: string };
    }
  /** What the stream of this step said since its last start is void; a reader drops it. */
  | {
      readonly type: 'step-restart';
      readonly step: string;
      readonly attempt: number;
      readonly reason: 'retry' | 'fallback' | 'escalation' | 'resume';
      readonly failure?: ModelFailure;
      readonly delayMs?: number;
    }
  | WorkflowEventInput
  | { readonly type: 'turn-start'; readonly turn: number; readonly model: string; readonly toolCount: number }
  | { readonly type: 'turn-end'; readonly turn: number; readonly toolCalls: number }
  | { readonly type: 'model-start'; readonly step: string; readonly model: string }
  | {
      readonly type: 'model-end';
      readonly step: string;
      /** The message is no answer, but what one is made of: it is not for showing. */
      readonly draft?: true;
      readonly model: string;
      readonly message: AssistantMessage;
      readonly stopReason: StopReason;
      readonly usage: Usage;
      readonly costUsd?: number;
      readonly durationMs: number;
    }
  | { readonly type: 'model-error'; readonly step: string; readonly failure: ModelFailure }
  | {
      readonly type: 'tool-call-start';
      readonly callId: string;
      readonly name: string;
      readonly server: string;
      readonly arguments: JsonObject;
    }
  | {
      readonly type: 'tool-call-progress';
      readonly callId: string;
      readonly progress: number;
      readonly total?: number;
      readonly message?: string;
    }
  | {
      readonly type: 'tool-call-end';
      readonly callId: string;
      readonly name: string;
      readonly server: string;
      readonly outcome: ToolCallOutcomeType;
      /** What the model was given: UTF-8 bytes of text and characters of base64. */
      readonly sizeBytes: number;
      /** The text that the model was given, secrets masked; absent where the call was not sent. */
      readonly text?: string;
      readonly durationMs: number;
      readonly error?: EventError;
    }
  /** What a tool answered was too long for the model and is kept whole under the URI. */
  | {
      readonly type: 'result-stored';
      readonly callId: string;
      readonly name: string;
      readonly uri: string;
      readonly mimeType: string;
      readonly sizeBytes: number;
      /** 0, like `lines`, where it is no text. */
      readonly characters: number;
      readonly lines: number;
    }
  /** What the next requests no longer carry, before they would have been too large; the history itself stays whole. */
  | {
      readonly type: 'context-reduced';
      readonly by: 'handles' | 'summary';
      /** Of the next request, estimated from what the provider counted last. */
      readonly tokensBefore: number;
      readonly tokensAfter: number;
    }
  /** A guard had something to say; `allow` only where a person allowed what a guard asked about. */
  | {
      readonly type: 'verdict';
      readonly stage: GuardStage;
      readonly guard: string;
      readonly verdict: Verdict['type'];
      readonly reason?: string;
      readonly callId?: string;
    }
  /** What memory held on the request, best first; the text of it is in the call of its tool. */
  | {
      readonly type: 'recall';
      readonly count: number;
      readonly memories: readonly {
        readonly kind: string;
        /** ISO 8601, UTC: when it was said or last changed. */
        readonly at: string;
        readonly source: string;
        readonly factId?: string;
      }[];
    }
  /** What a run left in memory. */
  | {
      readonly type: 'remember';
      readonly turns: number;
      readonly remembered: number;
      readonly updated: number;
      readonly forgotten: number;
    }
  | { readonly type: 'tools-found'; readonly query: string; readonly names: readonly string[] }
  /** A call waits for a person, who may answer from any process: `switchyard approvals approve <id>`. */
  | {
      readonly type: 'approval-request';
      readonly callId: string;
      readonly name: string;
      readonly server: string;
      readonly arguments: JsonObject;
      readonly id: string;
      /** Wall-clock milliseconds: until then it can be answered, and the answer be used. */
      readonly expiresMs: number;
    }
  | {
      readonly type: 'approval';
      readonly callId: string;
      readonly name: string;
      readonly decision: 'allowed' | 'denied';
      /** `person`, `always`, `rule: …`, `--yes`, `no-terminal`, `expired`, `no-approval`. */
      readonly by: string;
      /** The person changed the arguments; `tool-call-start` has them as they were sent. */
      readonly edited?: true;
    }
  | {
      readonly type: 'input-request';
      readonly server: string;
      readonly method: string;
      readonly params: JsonObject;
    }
  | {
      readonly type: 'input-response';
      readonly server: string;
      readonly method: string;
      readonly action: string;
    }
  | ({ readonly type: 'limit-reached' } & ReachedLimit)
  | { readonly type: 'quote'; readonly origin: 'quote'; readonly quotes: readonly Quote[] }
  /** The answer, whole, when no model streamed it. `local`: found by a small local model, in the words of its source. */
  | { readonly type: 'text'; readonly text: string; readonly origin: 'quote' | 'host' | 'local' }
  | {
      readonly type: 'notice';
      readonly level: 'info' | 'warn';
      readonly code: string;
      readonly message: string;
      readonly data?: JsonObject;
    };

export type RunOutcomeType = 'done' | 'failed' | 'stopped' | 'cancelled';
export type LimitName = 'turns' | 'tool-calls' | 'tokens' | 'usd' | 'time' | 'repeats' | 'depth';

export type ReachedLimit = {
  readonly limit: LimitName;
  readonly message: string;
  /** How much is allowed: turns, calls, tokens, US dollars, milliseconds, parts one in the other. */
  readonly maximum?: number;
  /** The path of the part whose own limit it is. */
  readonly branch?: string;
  /** What else counts against it than this run. */
  readonly scope?: SpendingScope;
};

/** All runs of a day, of a conversation, of a workflow in a day, or on behalf of a client in a day. */
export type SpendingScope =
  | { readonly type: 'session'; readonly name: string }
  | {
      readonly type: 'day' | 'workflow' | 'client';
      /** Of the workflow or the client. */
      readonly name?: string;
      /** `2026-11-27` */
      readonly day: string;
      readonly timeZone: string;
      /** Wall-clock milliseconds: when the next day begins. */
      readonly untilMs: number;
    };

/** What a run had come to when a limit stopped it. */
export type Achieved = {
  /** Parts that came to their end, without those inside of one that did, in the order of their ends. */
  readonly parts: readonly { readonly path: string; readonly workflow: string; readonly output: Json }[];
  /** Parts that began and did not come to their end, with the last words that were said there. */
  readonly unfinished: readonly {
    readonly path: string;
    readonly workflow: string;
    readonly text?: string;
  }[];
  /** The last words outside of all parts. */
  readonly text?: string;
  /** What tools answered since, outside of all parts. */
  readonly results: readonly { readonly name: string; readonly text: string }[];
};
export type ToolCallOutcomeType =
  | 'complete'
  | 'tool-error'
  | 'uncertain'
  | 'unknown-tool'
  | 'invalid-arguments'
  | 'denied'
  /** It was not sent: a person has to allow it, and then it has to be sent again. */
  | 'waiting'
  | 'cancelled';

export type EventError = { readonly code: string; readonly message: string; readonly data?: Json };

export type RunTotals = {
  readonly turns: number;
  readonly toolCalls: number;
  readonly usage: Usage;
  /** Undefined: at least one call's price is unknown. */
  readonly costUsd?: number;
};

export type Quote = {
  readonly text: string;
  readonly source: string;
  /** From 1. */
  readonly line?: number;
};
