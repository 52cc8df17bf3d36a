/** All guards of a host as one: each stage asks its guards in turn, and what one revised is what the next one sees. */
import { messageOf } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { AssistantMessage } from '../model/model.ts';
import type { Guard, StreamFilter } from './guard.ts';
import { createOutputGuard } from './output-guard.ts';
import type {
  GuardContext,
  GuardDecision,
  GuardedCall,
  GuardedResult,
  Guards,
  GuardStage,
  Verdict,
} from './verdict.ts';

export interface GuardsOptions {
  /** Never throws. In the order in which they are asked; asked for again at every stage, because the config may change. */
  readonly guards: () => Promise<readonly Guard[]>;
  /** Puts a guard's question to a person; without it such a question denies. */
  readonly ask?: (question: GuardQuestion, signal: AbortSignal) => Promise<boolean>;
  /** Masks secrets at once. */
  readonly redact: <Value extends JsonObject>(value: Value) => Value;
  /** Makes what a text streams through; undefined where an answer is shown when it was checked whole. */
  readonly filter: () => (() => StreamFilter) | undefined;
}

export interface GuardQuestion {
  readonly stage: GuardStage;
  readonly guard: string;
  readonly question: string;
  readonly reason: string;
  /** The tool, at its stages. */
  readonly name?: string;
  readonly server?: string;
}

export function createGuards(options: GuardsOptions): Guards {
  let known: { readonly loading: Promise<readonly Guard[]>; readonly guards: readonly Guard[] } | undefined;
  const load = async (loading: Promise<readonly Guard[]>): Promise<readonly Guard[]> => {
    try {
      const guards = await loading;
      known = { loading, guards };
      return guards;
    } catch (thrown) {
      return [denyAll(`the guards could not be loaded (${messageOf(thrown)})`)];
    }
  };
  /** At once where those that the config asks for are loaded. */
  const loaded = (): readonly Guard[] | Promise<readonly Guard[]> => {
    const loading = options.guards();
    return known?.loading === loading ? known.guards : load(loading);
  };

  /** Asks the guards of a stage one after the other. */
  const decide = async <Value>(stage: Stage<Value>, first: Value): Promise<GuardDecision<Value>> => {
    const { context } = stage;
    let value = first;
    let question: { readonly guard: string; readonly question: string; readonly reason: string } | undefined;
    const guards = loaded();
    for (const guard of guards instanceof Promise ? await guards : guards) {
      const asked = ask(stage, guard, value);
      // Most guards have nothing to do with most stages, and a wait for nothing costs turns of the event loop.
      const verdict = asked instanceof Promise ? await asked : asked;
      if (verdict === undefined || verdict.type === 'allow') continue;
      tell(stage, guard.name, verdict.type, verdict.reason);
      if (verdict.type === 'deny') return { type: 'deny', reason: verdict.reason };
      if (verdict.type === 'revise') value = verdict.value;
      else question ??= { guard: guard.name, question: verdict.question, reason: verdict.reason };
    }
    if (question === undefined) return { type: 'allow', value };
    if (stage.name === 'tool-call') return { type: 'ask', value, ...question };
    const { name: stageName, call } = stage;
    const place = call === undefined ? {} : { name: call.name, server: call.server };
    const allowed = await options.ask?.({ stage: stageName, ...question, ...place }, context.signal);
    if (allowed !== true) return { type: 'deny', reason: question.reason };
    tell(stage, question.guard, 'allow', question.reason);
    return { type: 'allow', value };
  };

  return {
    redact: options.redact,
    input: (text, context) =>
      decide<string>({ name: 'input', context, ask: (guard, value) => guard.input?.(value, context) }, text),
    toolCall: (call, context) =>
      decide<JsonObject>(
        {
          name: 'tool-call',
          context,
          call,
          ask: (guard, value) => guard.toolCall?.({ ...call, arguments: value }, context),
        },
        call.arguments,
      ),
    toolResult: (result, context) =>
      decide<JsonObject>(
        {
          name: 'tool-result',
          context,
          call: result,
          ask: (guard, value) => guard.toolResult?.({ ...result, result: value }, context),
        },
        result.result,
      ),
    async output(context) {
      await loaded();
      const filter = options.filter();
      return createOutputGuard({
        ...(filter ? { filter } : {}),
        check: (message) =>
          decide<AssistantMessage>(
            { name: 'output', context, ask: (guard, value) => guard.output?.(value, context) },
            message,
          ),
      });
    },
  };
}

interface Stage<Value> {
  readonly name: GuardStage;
  readonly context: GuardContext;
  readonly call?: GuardedCall | GuardedResult;
  /** Undefined where the guard has nothing to do with the stage. */
  readonly ask: (guard: Guard, value: Value) => Verdict<Value> | Promise<Verdict<Value>> | undefined;
}

function denyAll(reason: string): Guard {
  const deny = () => ({ type: 'deny' as const, reason });
  return { name: 'guards', input: deny, toolCall: deny, toolResult: deny, output: deny };
}

function ask<Value>(stage: Stage<Value>, guard: Guard, value: Value): ReturnType<Stage<Value>['ask']> {
  try {
    const verdict = stage.ask(guard, value);
    return verdict instanceof Promise
      ? verdict.catch((thrown: unknown) => failed(stage, guard, thrown))
      : verdict;
  } catch (thrown) {
    return failed(stage, guard, thrown);
  }
}

function failed(stage: Pick<Stage<unknown>, 'context'>, guard: Guard, thrown: unknown): Verdict<never> {
  stage.context.signal.throwIfAborted();
  return {
    type: 'deny',
    reason: `the guard "${guard.name}" failed (${messageOf(thrown)}), and what could not be checked is refused`,
  };
}

function tell(
  stage: Pick<Stage<unknown>, 'name' | 'context' | 'call'>,
  guard: string,
  verdict: Verdict['type'],
  reason: string,
): void {
  stage.context.emit({
    type: 'verdict',
    stage: stage.name,
    guard,
    verdict,
    reason,
    ...(stage.call === undefined ? {} : { callId: stage.call.callId }),
  });
}
