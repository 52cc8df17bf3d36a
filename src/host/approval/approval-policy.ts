/** Whether a call may be made: by the config's rules, by what a person said once and for all, or by asking. */
import type { JsonObject } from '../../json.ts';
import { HOST_SERVER } from '../tool-call/host-tool.ts';
import {
  type ApprovalDecision,
  type ApprovalPolicy,
  type ApprovalRequest,
  type Asker,
  READ_ONLY,
} from '../tool-call/policy.ts';
import { askPerson, callOf } from './ask-person.ts';
import type { RememberedApprovals } from './remembered.ts';
import type { Rules, Ruling } from './rules.ts';

export interface ApprovalPolicyOptions {
  /** Those of the moment. */
  readonly rules: () => Promise<Rules>;
  /** Without it, what would be asked is denied, unless it may wait. */
  readonly asker?: Asker;
  /** What becomes of a call that may wait for a person where none is at hand. */
  readonly onAsk: 'wait' | 'deny';
  readonly remembered: RememberedApprovals;
  /** Who answers every question with yes beforehand: `--yes`. */
  readonly approveAll?: string;
  /** What a call would change, as a unified diff, or undefined where that cannot be told. */
  readonly preview: (request: ApprovalRequest, args: JsonObject) => Promise<string | undefined>;
}

export function createApprovalPolicy(options: ApprovalPolicyOptions): ApprovalPolicy {
  const { asker, onAsk, approveAll, remembered } = options;
  const judge = async (request: ApprovalRequest): Promise<ApprovalDecision | Open> => {
    const rules = await options.rules();
    // What the host itself asks, such as a guard about a request, is no call of which rules speak.
    const ruling: Ruling = request.server === HOST_SERVER ? { decision: 'ask' } : rules(request);
    const settled = settledBy(ruling, request);
    if (settled !== undefined) return settled;
    if (request.approvedBy !== undefined && request.mustAsk === undefined)
      return { decision: 'allowed', by: request.approvedBy };
    if (approveAll !== undefined) return { decision: 'allowed', by: approveAll };
    if (request.mustAsk === undefined && (await remembered.has(callOf(request))))
      return { decision: 'allowed', by: 'always' };
    const reason = request.mustAsk ?? ruling.rule?.reason;
    return { decision: 'open', ruling, why: reason === undefined ? {} : { reason } };
  };
  return {
    async settle(request) {
      const judged = await judge(request);
      if (judged.decision !== 'open') return judged;
      const somebody = asker !== undefined || (request.mayWait === true && onAsk === 'wait');
      return somebody ? { decision: 'ask', ...judged.why } : withoutPerson(request, judged.ruling);
    },
    async decide(request) {
      const judged = await judge(request);
      if (judged.decision !== 'open') return judged;
      if (asker === undefined) return withoutPerson(request, judged.ruling);
      return askPerson(request, { ...options, asker, ...judged.why });
    },
  };
}

/** A person has to say. */
interface Open {
  readonly decision: 'open';
  readonly ruling: Ruling;
  readonly why: { readonly reason?: string };
}

/** What needs no question; undefined where one is due. */
function settledBy({ decision, rule }: Ruling, { mustAsk }: ApprovalRequest): ApprovalDecision | undefined {
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
function allowingRule({ name, prefixedName = name, server }: ApprovalRequest, rule: Ruling['rule']): string {
  const written = { ...(name.includes('/') ? { server } : {}), tool: prefixedName, decision: 'allow' };
  if (rule !== undefined) return `${JSON.stringify(written)} before it in "approvals" of mcp.config.json`;
  return `"approvals": ${JSON.stringify([written])} into mcp.config.json`;
}
