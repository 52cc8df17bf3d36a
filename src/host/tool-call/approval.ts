/** What lies between a call that a person has to allow and one that is made or refused. */
import { setImmediate as nextTurn } from 'node:timers/promises';

import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { ToolEntry } from '../../registry/contract.ts';
import type { RunContext, StepContext, ToolCallRequest } from '../context.ts';
import type { StoredEventInput } from '../event.ts';
import type { Guards } from '../guard/verdict.ts';
import type { Expanded } from './expand-handles.ts';
import { HOST_SERVER } from './host-tool.ts';
import { loadValidator } from './load-validator.ts';
import { callerAsker } from './caller-asker.ts';
import type { InputOptions } from './input.ts';
import type { ApprovalDecision, CheckedArguments } from './policy.ts';
import { allowedVerdict, type Asking, deniedText, type Ready, type Refused } from './prepare.ts';
import {
  approvalSignal,
  type AskedCall,
  type KeptApproval,
  type UsedApproval,
  type WaitingApprovals,
} from './waiting-approvals.ts';

export interface ApprovalOptions {
  readonly approvals: WaitingApprovals;
  readonly input: Pick<InputOptions, 'callerOf'>;
  readonly find: (name: string) => ToolEntry | undefined;
  readonly guards: Guards;
  readonly expandHandles: (args: JsonObject) => Promise<Expanded>;
}

/** Ends when a person has decided, here or elsewhere, or the time for it is over. */
export function askApproval(
  context: RunContext,
  request: ToolCallRequest,
  asking: Asking,
  options: ApprovalOptions,
): Promise<Ready | Refused> {
  return new ApprovalStage(context, request, asking, options).decided();
}

type UnusableHandle = { readonly type: 'unusable'; readonly message: string };

class ApprovalStage {
  readonly #context: RunContext;
  readonly #request: ToolCallRequest;
  readonly #asking: Asking;
  readonly #options: ApprovalOptions;
  /** What guards said of arguments that a person made, while no step was open in which it could be told. */
  readonly #untold: StoredEventInput[] = [];

  constructor(context: RunContext, request: ToolCallRequest, asking: Asking, options: ApprovalOptions) {
    this.#context = context;
    this.#request = request;
    this.#asking = asking;
    this.#options = options;
  }

  decided(): Promise<Ready | Refused> {
    // What the host does by itself, such as recalling, is not worth waiting for.
    if (this.#request.approvedBy !== undefined) return this.#askNow();
    // An approval from before was for the first time, and one that is given later would be for another call.
    if (this.#asking.again && this.#request.direct) return this.#askNow();
    return this.#request.direct ? this.#consume() : this.#wait();
  }

  async #wait(): Promise<Ready | Refused> {
    const { approvals } = this.#options;
    const { run } = this.#context;
    const kept = await this.#context.step<KeptApproval | UnusableHandle>('approval-request', async (step) => {
      const sent = await this.#sent();
      if (sent.type === 'unusable') return sent;
      return approvals.keep(this.#asked(sent.arguments, step), { runId: run.id, step: step.id });
    });
    if (kept.type === 'unusable') return this.#unusable(kept);
    // Where nothing can be kept, a person at hand can still be asked.
    if (kept.type === 'not-kept') return this.#askNow();
    this.#tellRequest(kept);
    for (;;) {
      await this.#answered(kept);
      const used = await this.#context.step<UsedApproval | UnusableHandle>('approval-use', async (step) => {
        for (const event of this.#untold.splice(0)) step.emit(event);
        const sent = await this.#sent();
        if (sent.type === 'unusable') return sent;
        return approvals.use(kept.id, { arguments: sent.arguments, usedBy: `${run.id} ${step.id}` });
      });
      if (used.type === 'unusable') return this.#unusable(used);
      if (used.type === 'decided') return this.#outcome(used);
    }
  }

  /** Resolves when the question was answered, or its time is over. */
  async #answered({ id, expiresMs }: { readonly id: string; readonly expiresMs: number }): Promise<void> {
    const elsewhere = new AbortController();
    const signal = AbortSignal.any([this.#context.signal, elsewhere.signal]);
    let over = false;
    const waiting = this.#context
      .waitFor(approvalSignal(id), { timeoutMs: Math.max(1, expiresMs - Date.now()) })
      .finally(() => {
        over = true;
      });
    const attend = async (): Promise<void> => {
      // What a journal answers, it answers at once, and nobody is asked again.
      await nextTurn();
      if (over || signal.aborted || this.#context.run.replay) return;
      const sent = await this.#sent();
      if (sent.type === 'unusable') return;
      const emit = (event: StoredEventInput): unknown => this.#untold.push(event);
      await this.#options.approvals.attend(
        id,
        this.#asked(sent.arguments, { signal, emit }),
        this.#context.run.id,
      );
    };
    void attend();
    try {
      await waiting;
    } catch (error) {
      if (!(error instanceof HostError) || error.code !== 'wait-timeout') throw error;
    } finally {
      elsewhere.abort(new HostError('cancelled', 'The question was answered elsewhere.'));
    }
  }

  async #askNow(): Promise<Ready | Refused> {
    const { approvals } = this.#options;
    const decision = await this.#context.step<ApprovalDecision | UnusableHandle>(
      'approval-ask',
      async (step) => {
        const sent = await this.#sent();
        return sent.type === 'unusable' ? sent : approvals.ask(this.#asked(sent.arguments, step));
      },
    );
    return 'decision' in decision ? this.#outcome(decision) : this.#unusable(decision);
  }

  /** Of a call that can be sent again, which is simpler for who sent it than to be waited for. */
  async #consume(): Promise<Ready | Refused> {
    const { approvals } = this.#options;
    const { run } = this.#context;
    const used = await this.#context.step('approval-consume', async (step) => {
      const sent = await this.#sent();
      if (sent.type === 'unusable') return sent;
      const asker = callerAsker(this.#options.input.callerOf(run.id));
      return approvals.consume(this.#asked(sent.arguments, step), `${run.id} ${step.id}`, asker);
    });
    switch (used.type) {
      case 'unusable':
        return this.#unusable(used);
      case 'decided':
        return this.#outcome(used);
      case 'waiting': {
        this.#tellRequest(used);
        const { name } = this.#request;
        const until = new Date(used.expiresMs).toISOString();
        const message = `${name} was not run: it waits for an approval, ${used.id}. Once a person allowed it ("switchyard approvals approve ${used.id}"), the same call runs when it is sent again before ${until}.`;
        return { ...this.#refused('waiting', message), waitsFor: used.id };
      }
      default:
        return used satisfies never;
    }
  }

  /** Events of a path have their place on it, so that a run that is gone on with does not tell this twice. */
  #tellRequest({ id, expiresMs }: { readonly id: string; readonly expiresMs: number }): void {
    const { callId, name } = this.#request;
    const { server, arguments: args } = this.#asking;
    this.#context.emit({ type: 'approval-request', callId, name, server, arguments: args, id, expiresMs });
  }

  /** The arguments as they are sent: a journal keeps handles. */
  async #sent(): Promise<{ readonly type: 'sent'; readonly arguments: JsonObject } | UnusableHandle> {
    const { server, arguments: args } = this.#asking;
    if (server === HOST_SERVER) return { type: 'sent', arguments: args };
    const expanded = await this.#options.expandHandles(args);
    return expanded.type === 'refused'
      ? { type: 'unusable', message: expanded.message }
      : { type: 'sent', arguments: expanded.arguments };
  }

  #asked(args: JsonObject, { signal, emit }: Pick<StepContext, 'signal' | 'emit'>): AskedCall {
    const { name, approvedBy } = this.#request;
    const { prefixedName, server, ownName, title, traits, reason, asksFor, again } = this.#asking;
    const { actor, sessionId } = this.#context.run;
    return {
      name,
      ...(prefixedName === undefined ? {} : { prefixedName }),
      server,
      ownName,
      title,
      traits,
      arguments: args,
      actor,
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(reason === undefined ? {} : { reason }),
      ...(asksFor === undefined && !again ? {} : { mustAsk: reason ?? asksFor?.reason ?? '' }),
      ...(approvedBy === undefined ? {} : { approvedBy }),
      check: (edited) => this.#check(edited, { signal, emit }),
      signal,
    };
  }

  /** Arguments that a person makes are checked as those of a model are. */
  async #check(edited: JsonObject, context: Pick<StepContext, 'signal' | 'emit'>): Promise<CheckedArguments> {
    const { callId, name } = this.#request;
    const { server, readOnly, again } = this.#asking;
    if (again) return { type: 'unusable', problem: 'it can only be sent again as it was sent' };
    const entry = this.#options.find(name);
    if (!entry) return { type: 'unusable', problem: `${name} is no longer there` };
    const validation = (await loadValidator()).validateArguments(entry.definition.inputSchema, edited);
    if (validation.type === 'invalid') return { type: 'unusable', problem: validation.problems.join('; ') };
    const call = { callId, name, server, readOnly, arguments: edited };
    // That a guard wants it asked is answered by the person's making it.
    const guarded = await this.#options.guards.toolCall(call, context);
    return guarded.type === 'deny'
      ? { type: 'unusable', problem: guarded.reason }
      : { type: 'usable', arguments: guarded.value };
  }

  #outcome({ decision, by, reason, arguments: edited }: ApprovalDecision): Ready | Refused {
    const approval: ApprovalDecision = {
      decision,
      by,
      ...(reason === undefined ? {} : { reason }),
      ...(edited === undefined ? {} : { arguments: edited }),
    };
    if (decision === 'denied')
      return { ...this.#refused('denied', deniedText(this.#request, approval)), approval };
    const { server, readOnly, idempotent, arguments: args, schemaProblem, asksFor } = this.#asking;
    if (asksFor !== undefined) this.#context.emit(allowedVerdict(this.#request, asksFor));
    return {
      type: 'ready',
      server,
      readOnly,
      idempotent,
      arguments: edited ?? args,
      approval,
      ...(schemaProblem === undefined ? {} : { schemaProblem }),
    };
  }

  #unusable({ message }: UnusableHandle): Refused {
    return this.#refused('invalid-arguments', message);
  }

  #refused(outcome: Refused['outcome'], message: string): Refused {
    return { type: 'refused', server: this.#asking.server, outcome, message };
  }
}
