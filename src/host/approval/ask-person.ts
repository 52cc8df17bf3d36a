import { messageOf } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type {
  AlwaysOffer,
  AlwaysScope,
  ApprovalAnswer,
  ApprovalDecision,
  ApprovalQuestion,
  ApprovalRequest,
  Asker,
  CheckedArguments,
} from '../tool-call/policy.ts';
import type { CallOf, RememberedApprovals } from './remembered.ts';
import type { Rules } from './rules.ts';

export interface AskPersonOptions {
  readonly asker: Asker;
  readonly rules: () => Promise<Rules>;
  readonly remembered: RememberedApprovals;
  /** What a call would change, as a unified diff, or undefined where that cannot be told. */
  readonly preview: (request: ApprovalRequest, args: JsonObject) => Promise<string | undefined>;
  /** Why it is asked. */
  readonly reason?: string;
}

/**
 * Asks until the answer can be used: arguments that a person made must fit the schema, and no rule may deny them. Rejects
 * only where the signal of the request aborts.
 */
export async function askPerson(
  request: ApprovalRequest,
  options: AskPersonOptions,
): Promise<ApprovalDecision> {
  const { asker, rules, remembered, preview, reason } = options;
  let args = request.arguments;
  let diff = await preview(request, args);
  let problem: string | undefined;
  for (;;) {
    const question = questionOf(request, args, { reason, problem, diff });
    const answer = await answerOf(asker, question);
    switch (answer.type) {
      case 'no':
        return { decision: 'denied', by: 'person', reason: 'the person said no' };
      case 'unasked':
        return {
          decision: 'denied',
          by: 'no-terminal',
          reason: `the question could not be put to the person (${answer.reason})`,
        };
      case 'always':
      case 'yes':
        if (problem !== undefined) {
          const unusable = `the person changed its arguments to ones that cannot be used: ${problem}`;
          return { decision: 'denied', by: 'person', reason: unusable };
        }
        if (answer.type === 'always' && question.always?.scopes.includes(answer.scope))
          await remembered.add(callOf(request), answer.scope);
        return { decision: 'allowed', by: 'person' };
      case 'edit': {
        const checked = await checkArguments(request, await rules(), answer.arguments);
        if (checked.type === 'usable')
          return { decision: 'allowed', by: 'person', arguments: checked.arguments };
        args = answer.arguments;
        problem = checked.problem;
        diff = await preview(request, args);
        break;
      }
      default:
        answer satisfies never;
    }
  }
}

/**
 * As "always" knows a call: by a name that holds its server, for another may come to have the one that is shown. Sampling
 * is called alike at all servers.
 */
export function callOf(request: ApprovalRequest): CallOf {
  const { name, prefixedName = name, server, actor = 'person', sessionId } = request;
  return { tool: name.includes('/') ? `${server}: ${name}` : prefixedName, actor, sessionId };
}

type Answer = ApprovalAnswer | { readonly type: 'unasked'; readonly reason: string };

async function answerOf(asker: Asker, question: ApprovalQuestion): Promise<Answer> {
  try {
    const answer = await asker.ask(question);
    // A question that is taken away is dismissed, which looks like an answer.
    question.signal.throwIfAborted();
    return answer;
  } catch (error) {
    // A cancelled run has no decision; asked again, it is asked afresh.
    question.signal.throwIfAborted();
    return { type: 'unasked', reason: messageOf(error) };
  }
}

async function checkArguments(
  request: ApprovalRequest,
  rules: Rules,
  args: JsonObject,
): Promise<CheckedArguments> {
  const { decision, rule } = rules({ ...request, arguments: args });
  if (decision !== 'deny') return (await request.check?.(args)) ?? { type: 'usable', arguments: args };
  const problem = `a rule of the config denies them: ${rule?.reason ?? rule?.text ?? ''}`;
  return { type: 'unusable', problem };
}

interface Shown {
  readonly reason: string | undefined;
  readonly problem: string | undefined;
  readonly diff: string | undefined;
}

function questionOf(
  request: ApprovalRequest,
  args: JsonObject,
  { reason, problem, diff }: Shown,
): ApprovalQuestion {
  const { name, server, title, traits, mustAsk, signal } = request;
  return {
    name,
    server,
    title,
    destructive: traits.destructive,
    arguments: args,
    ...(diff === undefined ? {} : { diff }),
    ...(reason === undefined ? {} : { reason }),
    ...(problem === undefined ? {} : { problem }),
    // What a guard asks about is not settled once and for all.
    ...(mustAsk === undefined && problem === undefined ? { always: alwaysOf(request) } : {}),
    signal,
  };
}

function alwaysOf({ name, traits, sessionId }: ApprovalRequest): AlwaysOffer {
  const scopes: readonly AlwaysScope[] =
    sessionId === undefined ? ['folder', 'person'] : ['folder', 'session', 'person'];
  const harm = traits.destructive ? ', also when they change or delete what is there' : '';
  const meaning = `Always: ${name} runs from then on without a question, whatever its arguments${harm}. "switchyard approvals forget" takes it back.`;
  return { scopes, meaning };
}
