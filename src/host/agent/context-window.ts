/** What of a conversation the next request carries, and how much of the model's window that takes. */
import type { ModelLimits, ModelMessage, Usage } from '../model/model.ts';
import { type FixedParts, fixedPartTokens } from './fixed-part-tokens.ts';
import { messageCharacters, messageTokens } from './message-tokens.ts';

/** Full is a window before it overflows: estimates err, and a provider counts what is hidden from us. */
const FULL_SHARE = 0.8;
/** A reduction goes down to this share of what is full, so that the next one is far and the prefix stays the same. */
const REDUCED_SHARE = 0.5;
const MAX_RESULT_SHARE = 0.2;
const MIN_RESULT_TOKENS = 200;
/** Of the window, kept for the answer at most. */
const MAX_ANSWER_SHARE = 0.5;

/** What the provider counted for a request and its answer, and what of the conversation that was. */
interface Measure {
  readonly tokens: number;
  readonly messageCount: number;
  readonly fixedTokens: number;
}

export class ContextWindow {
  #fullTokens: number | undefined;
  #view: readonly ModelMessage[];
  #measure: Measure | undefined;
  /** How many tokens of the provider one estimated token has come to. */
  #calibration = 1;

  constructor(limits: ModelLimits, messages: readonly ModelMessage[]) {
    this.#view = messages;
    const { contextWindowTokens: window, maxOutputTokens = 0 } = limits;
    if (window === undefined) return;
    const answer = Math.min(maxOutputTokens, window * MAX_ANSWER_SHARE);
    this.#fullTokens = Math.floor(Math.min(window * FULL_SHARE, window - answer));
  }

  /** The same objects from one request to the next, but for a reduction. */
  get messages(): readonly ModelMessage[] {
    return this.#view;
  }

  /** Undefined while the window is unknown and has not overflowed. */
  get fullTokens(): number | undefined {
    return this.#fullTokens;
  }

  /** What a reduction brings the next request down to; only asked where `fullTokens` is known. */
  get targetTokens(): number {
    return Math.floor((this.#fullTokens ?? 0) * REDUCED_SHARE);
  }

  /** Of one result of a tool, so that the latest few leave room; empty while the window is unknown. */
  get resultLimit(): { readonly maxResultTokens?: number } {
    if (this.#fullTokens === undefined) return {};
    return { maxResultTokens: Math.max(MIN_RESULT_TOKENS, Math.floor(this.#fullTokens * MAX_RESULT_SHARE)) };
  }

  add(message: ModelMessage): void {
    this.#view = [...this.#view, message];
  }

  /** Of the next request: what the provider counted last, and an estimate of what came to it since. */
  tokens(fixed: FixedParts): number {
    const measure = this.#measure;
    const added = sum(this.#view.slice(measure?.messageCount ?? 0).map(messageTokens));
    const fixedTokens = fixedPartTokens(fixed);
    const estimated = added + (measure ? fixedTokens - measure.fixedTokens : fixedTokens);
    return Math.round((measure?.tokens ?? 0) + estimated * this.#calibration);
  }

  isFull(fixed: FixedParts): boolean {
    if (this.#fullTokens === undefined) return false;
    const measure = this.#measure;
    const characters = sum(this.#view.slice(measure?.messageCount ?? 0).map(messageCharacters));
    const fixedTokens = fixedPartTokens(fixed) - (measure?.fixedTokens ?? 0);
    const sureTokens = (measure?.tokens ?? 0) + (characters + Math.max(0, fixedTokens)) * this.#calibration;
    // Nearly every request of a short conversation is told apart here, without an estimate.
    if (sureTokens <= this.#fullTokens) return false;
    return this.tokens(fixed) > this.#fullTokens;
  }

  /** The provider answered the request of this view: `answer` is added. Without counts the estimate goes on. */
  answered(answer: ModelMessage, usage: Usage, fixed: FixedParts): void {
    const request = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
    if (!usage.unknown && request > 0 && this.#fullTokens !== undefined) {
      this.#measure = {
        tokens: request + usage.outputTokens,
        messageCount: this.#view.length + 1,
        fixedTokens: fixedPartTokens(fixed),
      };
    }
    this.add(answer);
  }

  /** Another view of the same conversation: what was counted for the one before tells how good the estimates are. */
  reduce(messages: readonly ModelMessage[]): void {
    const measure = this.#measure;
    if (measure) {
      const estimated =
        sum(this.#view.slice(0, measure.messageCount).map(messageTokens)) + measure.fixedTokens;
      this.#calibration = Math.min(3, Math.max(0.5, measure.tokens / Math.max(1, estimated)));
    }
    this.#measure = undefined;
    this.#view = messages;
  }

  /** The provider refused the request as too large: so much is more than full, whatever was known before. */
  overflowed(fixed: FixedParts): void {
    const refused = this.tokens(fixed);
    this.#fullTokens = Math.floor(
      Math.min(this.#fullTokens ?? Number.POSITIVE_INFINITY, refused * FULL_SHARE),
    );
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
