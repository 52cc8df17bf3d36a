/** Whether a call may be made: by the config's rules, by what a person said once and for all, or by asking. */
import { messageOf } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { HOST_SERVER } from '../tool-call/host-tool.ts';
import {
  type ApprovalAnswer,
  type ApprovalDecision,
  type ApprovalPolicy,
  type ApprovalQuestion,
  type ApprovalRequest,
  type Asker,
  type CheckedArguments,
  READ_ONLY,
} from '../tool-call/policy.ts';
import type { RememberedApprovals } from './remembered.ts';
import type { Rules, Ruling } from './rules.ts';

export interface ApprovalPolicyOptions {
  /** Those of the moment. */
  readonly rules: () => Promise<Rules>;
  /** Without it, what would be asked is denied. */
  readonly asker?: Asker;
  readonly remembered: RememberedApprovals;
  /** Who answers every question with yes beforehand: `--yes`. */
  readonly approveAll?: string;
  /** What a call would change, as a unified diff, or undefined where that cannot be told. */
  readonly preview: (request: ApprovalRequest, args: JsonObject) => Promise<string | undefined>;
}

export function createApprovalPolicy(options: ApprovalPolicyOptions): ApprovalPolicy {
  const { asker, approveAll, remembered } = options;
  return {
    async decide(request) {
      const rules = await options.rules();
      // What the host itself asks, such as a guard about a request, is no call of which rules speak.
      const ruling: Ruling = request.server === HOST_SERVER ? { decision: 'ask' } : rules(request);
      const settled = settle(ruling, request);
      if (settled !== undefined) return settled;
      if (request.approvedBy !== undefined && request.mustAsk === undefined)
        return { decision: 'allowed', by: request.approvedBy };
      if (approveAll !== undefined) return { decision: 'allowed', by: approveAll };
      if (request.mustAsk === undefined && (await remembered.has(rememberedName(request))))
        return { decision: 'allowed', by: 'always' };
      if (asker === undefined) return withoutPerson(request, ruling);
      return askPerson(request, ruling, { ...options, asker, rules });
    },
  };
}

/** What needs no question; undefined where one is due. */
function settle({ decision, rule }: Ruling, { mustAsk }: ApprovalRequest): ApprovalDecision | undefined {
  if (decision === 'deny') return deniedByRule(rule);
  if (decision === 'ask' || mustAsk !== undefined) return undefined;
  return { decision: 'allowed', by: rule === undefined ? READ_ONLY : `rule: ${rule.text}` };
}

function deniedByRule(rule: Ruling['rule']): ApprovalDecision {
  const text = rule?.text ?? '';
  const reason = rule?.reason ?? `the config denies it (${text})`;
  return { decision: 'denied', by: `rule: ${text}`, reason };
}

function withoutPerson(request: ApprovalRequest, { rule }: Ruling): ApprovalDecision {
  const { mustAsk } = request;
  const byRule = rule === undefined ? 'it is not read-only' : `a rule of the config asks (${rule.text})`;
  const why = mustAsk ?? rule?.reason ?? byRule;
  // A rule does not answer what a guard asks.
  const toSet = mustAsk === undefined ? ` put ${allowingRule(request, rule)}, or` : '';
  return {
    decision: 'denied',
    by: 'no-terminal',
    reason: `${why}, and nobody is at a terminal to allow it. To allow it,${toSet} run with --yes`,
  };
}

/** The first rule that fits decides, so it has to stand before the one that asks. */
function allowingRule({ name, server }: ApprovalRequest, rule: Ruling['rule']): string {
  const written = { ...(name.includes('/') ? { server } : {}), tool: name, decision: 'allow' };
  if (rule !== undefined) return `${JSON.stringify(written)} before it in "approvals" of mcp.config.json`;
  return `"approvals": ${JSON.stringify([written])} into mcp.config.json`;
}

/** Asks until the answer can be used: arguments that a person made must fit the schema, and no rule may deny them. */
async function askPerson(
  request: ApprovalRequest,
  { rule }: Ruling,
  {
    asker,
    rules,
    remembered,
    preview,
  }: Pick<ApprovalPolicyOptions, 'remembered' | 'preview'> & {
    readonly asker: Asker;
    readonly rules: Rules;
  },
): Promise<ApprovalDecision> {
  let args = request.arguments;
  let problem: string | undefined;
  for (;;) {
    const question = questionOf(request, args, { rule, problem, diff: await preview(request, args) });
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
          const reason = `the person changed its arguments to ones that cannot be used: ${problem}`;
          return { decision: 'denied', by: 'person', reason };
        }
        if (answer.type === 'always' && question.always !== undefined)
          await remembered.add(rememberedName(request));
        return { decision: 'allowed', by: 'person' };
      case 'edit': {
        const checked = await checkArguments(request, rules, answer.arguments);
        if (checked.type === 'usable')
          return { decision: 'allowed', by: 'person', arguments: checked.arguments };
        args = answer.arguments;
        problem = checked.problem;
        break;
      }
      default:
        answer satisfies never;
    }
  }
}

type Answer = ApprovalAnswer | { readonly type: 'unasked'; readonly reason: string };

async function answerOf(asker: Asker, question: ApprovalQuestion): Promise<Answer> {
  try {
    return await asker.ask(question);
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

function questionOf(
  request: ApprovalRequest,
  args: JsonObject,
  { rule, problem, diff }: { rule: Ruling['rule']; problem: string | undefined; diff: string | undefined },
): ApprovalQuestion {
  const { name, server, title, traits, mustAsk, signal } = request;
  const reason = mustAsk ?? rule?.reason;
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
    ...(mustAsk === undefined && problem === undefined ? { always: alwaysText(request) } : {}),
    signal,
  };
}

function alwaysText({ name, traits }: ApprovalRequest): string {
  const harm = traits.destructive ? ', also when they change or delete what is there' : '';
  return `In this folder ${name} runs from then on without a question, whatever its arguments${harm}. "switchyard approvals forget" takes it back.`;
}

/** A tool's name holds its server; sampling is called alike at all servers. */
function rememberedName({ name, server }: ApprovalRequest): string {
  return name.includes('/') ? `${server}: ${name}` : name;
}
