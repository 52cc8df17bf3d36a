/** Calls that do not come to an end with their first request: rounds of input, and outcomes that are not known. */
import type { RunContext, StepContext } from '../context.ts';
import type { Called, Finished, InputAsked, Sending, Uncertain, UncertainCause } from './called.ts';
import { FIRST_SENDING } from './called.ts';
import { type ApprovalOptions, askApproval } from './approval.ts';
import { execute, type ExecuteOptions, type Execution } from './execute.ts';
import { failed } from './finalize.ts';
import { answerRound, MAX_INPUT_ROUNDS } from './input-round.ts';
import { type Asking, prefixedNameOf, traits } from './prepare.ts';
import { causeText, type NextMove, nextMove, unknownOutcome } from './uncertain.ts';

export type GoOnOptions = ExecuteOptions &
  ApprovalOptions & {
    /** Whether the first of it was in the journal. */
    readonly journaled: boolean;
  };

/** Sends what may be sent again, a step each, until there is an end that the caller can be told. */
export function goOn(
  context: RunContext,
  execution: Execution,
  first: Uncertain | InputAsked,
  options: GoOnOptions,
): Promise<Finished> {
  return new OpenCall(context, execution, options).end(first);
}

type AskAgain = Pick<Asking, 'type' | 'prefixedName' | 'ownName' | 'traits'>;

class OpenCall {
  readonly #context: RunContext;
  readonly #execution: Execution;
  readonly #options: GoOnOptions;
  #sending: Sending = FIRST_SENDING;
  /** Whether what came last was in the journal. */
  #journaled: boolean;
  /** In this round. */
  readonly #repeated: UncertainCause[] = [];
  readonly #sentAtMs: number[] = [];
  #durationMs = 0;

  constructor(context: RunContext, execution: Execution, options: GoOnOptions) {
    this.#context = context;
    this.#execution = execution;
    this.#options = options;
    this.#journaled = options.journaled;
  }

  async end(first: Uncertain | InputAsked): Promise<Finished> {
    for (let called: Called = first; ; called = await this.#send()) {
      this.#durationMs += called.durationMs;
      if (called.type === 'finished') return { ...called, durationMs: this.#durationMs };
      for (const { usage, costUsd } of called.sampled)
        await this.#context.budget.spendUnforeseen({ usage, costUsd }, { journaled: this.#journaled });
      const over = called.type === 'uncertain' ? await this.#repeat(called) : await this.#answer(called);
      if (over !== undefined) return over;
    }
  }

  #send(): Promise<Called> {
    this.#journaled = this.#context.isJournaled;
    const execution = { ...this.#execution, sending: this.#sending };
    return this.#context.step('call', (step) => execute(execution, step, this.#options));
  }

  /** Makes the next round ready, or ends the call. */
  async #answer(asked: InputAsked): Promise<Finished | undefined> {
    const { server } = this.#execution.prepared;
    const { round } = this.#sending;
    if (round > MAX_INPUT_ROUNDS) {
      return this.#failed(
        'tool-error',
        `'${server}' asked for input ${MAX_INPUT_ROUNDS} times for one call; it was given up.`,
      );
    }
    const answered = await answerRound(this.#context, server, asked, this.#options.input);
    if (answered.type === 'refused') return this.#failed('tool-error', answered.message);
    this.#sending = { attempt: 1, round: round + 1, answers: answered.answers };
    this.#repeated.length = 0;
    this.#sentAtMs.length = 0;
    return undefined;
  }

  /** Makes the repetition ready, or ends the call with its outcome unknown. */
  async #repeat(uncertain: Uncertain): Promise<Finished | undefined> {
    const { request } = this.#execution;
    const { name, callId } = request;
    // A repetition that could not be sent says again what is known.
    if (this.#sentAtMs.at(-1) !== uncertain.sentAtMs) this.#sentAtMs.push(uncertain.sentAtMs);
    const report = (refusal?: string): Finished =>
      this.#failed('uncertain', unknownOutcome(name, this.#sentAtMs, uncertain, refusal));
    // What has a time in all has none left for another attempt.
    if (request.withinMs !== undefined) return report();
    const move = await this.#context.step('uncertain', (step) => this.#decide(uncertain, step));
    let why: string;
    switch (move.type) {
      case 'report':
        return report();
      case 'ask': {
        const refusal = await this.#ask(uncertain, move);
        if (refusal !== undefined) return report(refusal);
        why = 'the person wants it';
        break;
      }
      case 'repeat':
        why = move.why;
        this.#repeated.push(uncertain.cause);
        break;
      default:
        return move satisfies never;
    }
    const sentAt = new Date(uncertain.sentAtMs).toISOString();
    const message = `${name} was sent at ${sentAt}, and no answer was recorded (${causeText(uncertain)}). It is sent again, because ${why}.`;
    const data = { callId, name, cause: uncertain.cause };
    this.#context.emit({ type: 'notice', level: 'info', code: 'call-repeated', message, data });
    const { attempt } = this.#sending;
    const onlyWithKey = move.type === 'repeat' && move.onlyWithKey === true;
    this.#sending = { ...this.#sending, attempt: attempt + 1, repeats: uncertain, onlyWithKey };
    return undefined;
  }

  /** In a step: config and catalog may be others when the run goes on. */
  async #decide(
    uncertain: Uncertain,
    step: StepContext,
  ): Promise<Exclude<NextMove, { type: 'ask' }> | AskAgain> {
    const { request, prepared } = this.#execution;
    await this.#options.known(request.name, step);
    const entry = this.#options.find(request.name);
    const ownName = entry?.definition.name ?? '';
    const policy = this.#options.effects.uncertain(prepared.server, ownName);
    const move = nextMove(uncertain, request, this.#repeated, policy);
    if (move.type !== 'ask') return move;
    return entry === undefined
      ? { type: 'report' }
      : { type: 'ask', ...prefixedNameOf(entry), ownName, traits: traits(entry) };
  }

  /** Puts it to a person whether the call is sent again; why not, where it is not. */
  async #ask(uncertain: Uncertain, asked: AskAgain): Promise<string | undefined> {
    const { request, prepared } = this.#execution;
    const { callId, name } = request;
    const { server, readOnly, idempotent, arguments: args } = prepared;
    const sentAt = new Date(uncertain.sentAtMs).toISOString();
    const answer = await askApproval(
      this.#context,
      request,
      {
        ...asked,
        server,
        readOnly,
        idempotent,
        arguments: args,
        title: 'once more',
        reason: `It was sent at ${sentAt}, and no answer was recorded (${causeText(uncertain)}). Whether it took effect is unknown: sent again, it may take effect twice`,
        again: true,
      },
      this.#options,
    );
    const { approval } = answer;
    if (approval) {
      const { decision, by } = approval;
      this.#context.emit({ type: 'approval', callId, name, decision, by });
    }
    if (answer.type === 'ready') return undefined;
    return approval?.reason ?? 'nobody could be asked';
  }

  #failed(outcome: 'tool-error' | 'uncertain', message: string): Finished {
    return {
      type: 'finished',
      result: failed(this.#execution.request, outcome, message),
      durationMs: this.#durationMs,
      sizeBytes: 0,
      storedBytes: 0,
      sampled: [],
    };
  }
}
