/** Who made a call, such as a client of ours, and is asked what servers ask during it. Types only. */
import type { JsonObject } from '../../json.ts';
import type { ClientKey } from '../../registry/contract.ts';

export interface CallerInput {
  readonly client: ClientKey;
  /** What it said that it can be asked, as the protocol has it. */
  readonly capabilities: JsonObject;
  /** Whether it is asked to open a URL where a server of the 2025 era refuses a call until that is done. */
  readonly asksForUrls?: boolean;
  /** Whether it can answer all of the requests. */
  can(requests: JsonObject): boolean;
  /**
   * The protocol's own results by the keys of the requests. Undefined where the caller cannot answer one of them: then the
   * host does it in its own way. Rejects where the caller refuses.
   */
  answer(asked: AskedInput): Promise<JsonObject> | undefined;
  /** Told that the host could not do it either. */
  unanswered?(method: string): void;
}

export interface AskedInput {
  readonly server: string;
  /** By key: `{ method, params }` of `elicitation/create`, `sampling/createMessage` or `roots/list`. */
  readonly requests: JsonObject;
  readonly signal: AbortSignal;
}

/** The caller of a run of this process, if it has one that can be asked. */
export type CallerOf = (runId: string) => CallerInput | undefined;
