/** What workflows tell of themselves: which parts work, what was chosen, what is planned, whom they ask. Types only. */
import type { Json, JsonObject } from '../json.ts';
import type { EventError, RunOutcomeType } from './event.ts';
import type { Complexity } from './model/routing/complexity.ts';
import type { Usage } from './model/model.ts';
import type { RatedCandidate } from './model/routing/routing.ts';

export type WorkflowEventInput =
  /** A workflow that is part of another begins on its branch. */
  | { readonly type: 'branch-start'; readonly workflow: string }
  | {
      readonly type: 'branch-end';
      /** `stopped`: by a limit of its own; `cancelled`: it is not wanted any more. */
      readonly outcome: RunOutcomeType;
      readonly output?: Json;
      readonly error?: EventError;
    }
  /** Which of several parts works: what the router chose, and what was taken for it. */
  | {
      readonly type: 'route';
      /** `rules`, `model`, …: what chose. */
      readonly by: string;
      readonly chosen?: string;
      readonly taken?: string;
      readonly confidence: number;
      readonly reason: string;
    }
  /** Which model of a routed alias answers from here on, and why; `instead` of another one that could not go on. */
  | {
      readonly type: 'model-route';
      readonly alias: string;
      readonly model: string;
      readonly instead?: string;
      readonly complexity: Complexity;
      /** In the order of the route. */
      readonly candidates: readonly RatedCandidate[];
    }
  /** An answer did not pass a check of its cascade: it is void, and the next model is asked. */
  | {
      readonly type: 'model-escalate';
      readonly step: string;
      readonly from: string;
      readonly to: string;
      /** `refusal`, `empty`, `tool-arguments`, … */
      readonly check: string;
      readonly reason: string;
      /** Of the void answer, and of whoever judged it. */
      readonly usage: Usage;
      readonly costUsd?: number;
    }
  | { readonly type: 'handoff'; readonly from: string; readonly to: string; readonly reason: string }
  /** What an orchestrator means to do; another one of the same run takes its place. */
  | { readonly type: 'plan'; readonly tasks: readonly PlannedTask[]; readonly problems: readonly string[] }
  /** A workflow asks a person, who may answer from any process: `switchyard runs answer <run>`. */
  | {
      readonly type: 'question';
      /** The signal that brings the answer, `{ action: 'accept', content }` or `{ action: 'decline' }`. */
      readonly signal: string;
      readonly message: string;
      /** JSON Schema of `content`: an object of strings, numbers, booleans and choices. */
      readonly schema: JsonObject;
    }
  | {
      readonly type: 'question-answered';
      readonly signal: string;
      readonly action: 'accept' | 'decline';
      readonly content?: JsonObject;
    };

export type PlannedTask = {
  readonly id: string;
  /** Who does it. */
  readonly worker: string;
  readonly request: string;
  /** Ids of tasks whose outputs it needs. */
  readonly dependsOn: readonly string[];
};
