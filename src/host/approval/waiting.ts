/** Questions to a person that outlive the process that asks: kept in state.db, answered at hand or elsewhere. */
import { messageOf } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { LogSink } from '../../registry/contract.ts';
import type { State } from '../state.ts';
import type { ApprovalDecision } from '../tool-call/policy.ts';
import { approvalSignal, type AskedCall, type WaitingApprovals } from '../tool-call/waiting-approvals.ts';
import {
  consumeApproval,
  consumeDecided,
  type Decision,
  decideApproval,
  keepApproval,
  type NewApproval,
  useApproval,
} from './approval-store.ts';
import { type AskPersonOptions, askPerson } from './ask-person.ts';
import { approvalOf } from './kept-approval.ts';

export interface WaitingOptions extends Omit<AskPersonOptions, 'asker' | 'reason'> {
  /** Who is at hand. */
  readonly asker?: AskPersonOptions['asker'];
  /** Where nobody is: a run that comes to a kept question with `deny` is told no. */
  readonly onAsk: 'wait' | 'deny';
  readonly state: () => Promise<State>;
  /** The working folder. */
  readonly project: string;
  /** How long a question may be answered and its answer used. */
  readonly lifetimeMs: () => number;
  /** Takes secrets out of what a question shows besides the arguments. */
  readonly redact: (text: string) => string;
  /** Wakes the run that waits. */
  readonly signal: (runId: string, name: string, value: Json) => Promise<void>;
  readonly log: LogSink;
}

export function createWaitingApprovals(options: WaitingOptions): WaitingApprovals {
  const { asker, onAsk } = options;
  const decide = async (id: string, runId: string, decision: Decision): Promise<void> => {
    const state = await options.state();
    if (decideApproval(state, id, decision)) await options.signal(runId, approvalSignal(id), null);
  };
  /** Of a call about which a person can be asked now, should this not be known. */
  const decidedBefore = async (wanted: Omit<NewApproval, 'runId'>, usedBy: string) => {
    try {
      return consumeDecided(await options.state(), wanted, usedBy);
    } catch (error) {
      const fields = { reason: messageOf(error) };
      options.log({ level: 'warn', component: 'approvals', event: 'approvals-not-read', fields });
      return undefined;
    }
  };
  return {
    async keep(asked, { runId, step }) {
      try {
        const wanted = { ...newApproval(asked, step, options), ...(await diffOf(asked, options)), runId };
        const { id, expiresMs } = keepApproval(await options.state(), wanted);
        return { type: 'kept', id, expiresMs };
      } catch (error) {
        asked.signal.throwIfAborted();
        return { type: 'not-kept', reason: messageOf(error) };
      }
    },

    async attend(id, asked, runId) {
      try {
        const state = await options.state();
        const kept = approvalOf(state, id);
        if (kept === undefined || asked.signal.aborted) return;
        // Decided by a process that came to no more than that.
        if (kept.state === 'approved' || kept.state === 'denied')
          await options.signal(runId, approvalSignal(id), null);
        if (kept.state !== 'pending') return;
        if (asker === undefined) {
          const reason = 'nobody is at a terminal to allow it';
          if (onAsk === 'deny') await decide(id, runId, { decision: 'denied', by: 'no-terminal', reason });
          return;
        }
        await decide(id, runId, decisionOf(await askPerson(asked, { ...options, asker, ...whyOf(asked) })));
      } catch (error) {
        if (asked.signal.aborted) return;
        const fields = { approval: id, reason: messageOf(error) };
        options.log({ level: 'warn', component: 'approvals', event: 'approval-not-asked', fields });
      }
    },

    async use(id, use) {
      return useApproval(await options.state(), id, use);
    },

    async ask(asked) {
      if (asker === undefined)
        return { decision: 'denied', by: 'no-terminal', reason: 'nobody is at a terminal to allow it' };
      return askPerson(asked, { ...options, asker, ...whyOf(asked) });
    },

    async consume(asked, usedBy, callersAsker) {
      const somebody = callersAsker ?? asker;
      const wanted = newApproval(asked, usedBy, options);
      if (somebody === undefined) {
        const shown = { ...wanted, ...(await diffOf(asked, options)) };
        return consumeApproval(await options.state(), shown, usedBy);
      }
      const decided = await decidedBefore(wanted, usedBy);
      if (decided !== undefined) return decided;
      const decision = await askPerson(asked, { ...options, asker: somebody, ...whyOf(asked) });
      return { type: 'decided', ...decision };
    },
  };
}

function newApproval(
  asked: AskedCall,
  place: string,
  { project, lifetimeMs, redact }: WaitingOptions,
): Omit<NewApproval, 'runId'> {
  const { actor = 'person', sessionId, name, server, title, traits, reason } = asked;
  return {
    place,
    actor,
    project,
    ...(sessionId === undefined ? {} : { sessionId }),
    tool: name,
    server,
    title,
    destructive: traits.destructive,
    ...(reason === undefined ? {} : { reason: redact(reason) }),
    arguments: asked.arguments,
    lifetimeMs: lifetimeMs(),
  };
}

/** For whoever answers later. The person at hand sees it as it is at that moment, and with what is secret in it. */
async function diffOf(
  asked: AskedCall,
  { preview, redact }: WaitingOptions,
): Promise<{ readonly diff?: string }> {
  const diff = await preview(asked, asked.arguments);
  return diff === undefined ? {} : { diff: redact(diff) };
}

function whyOf({ reason }: AskedCall): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

function decisionOf({ decision, by, reason, arguments: args }: ApprovalDecision): Decision {
  return {
    decision: decision === 'allowed' ? 'approved' : 'denied',
    by,
    ...(reason === undefined ? {} : { reason }),
    ...(args === undefined ? {} : { arguments: args }),
  };
}
