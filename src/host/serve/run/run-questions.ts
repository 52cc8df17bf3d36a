import type { ClientRuns, OpenApproval } from '../../client-run/contract.ts';
import type { RunEvent } from '../../event.ts';
import { askCaller, canBeAsked } from '../../tool-call/caller-asker.ts';
import type { CallerInput } from '../../tool-call/caller-input.ts';

export interface RunQuestionsOptions {
  readonly runId: string;
  readonly runs: Pick<ClientRuns, 'approval' | 'decide'>;
  readonly actor: string;
  /** How the client's person is asked; undefined where nobody can be. */
  readonly input: CallerInput | undefined;
  /** Called when the person has something to answer, and when no more. */
  readonly onAsking: (asking: boolean) => void;
  /** Called when a call waits about which the person was not asked, or did not say. */
  readonly onUndecided: () => void;
}

/**
 * Puts the calls of a run that wait for a person to that of the client who waits for the run. Whoever is first, there or at any
 * terminal, has decided; what is not answered goes on waiting.
 */
export class RunQuestions implements Disposable {
  readonly #options: RunQuestionsOptions;
  /** By the call. */
  readonly #asking = new Map<string, AbortController>();
  /** Calls, and signals of a workflow's own questions, which are answered at a terminal. */
  readonly #undecided = new Set<string>();
  #shown = 0;

  constructor(options: RunQuestionsOptions) {
    this.#options = options;
  }

  /** Something waits for a person who is not asked through this client. */
  get isUndecided(): boolean {
    return this.#undecided.size > 0;
  }

  see(event: RunEvent): void {
    if (event.type === 'approval-request') this.#put(event.id, event.callId);
    if (event.type === 'question') this.#leave(event.signal);
    if (event.type === 'question-answered') this.#undecided.delete(event.signal);
    if (event.type === 'approval' || event.type === 'tool-call-end') this.#close(event.callId);
  }

  [Symbol.dispose](): void {
    for (const callId of this.#asking.keys()) this.#close(callId);
  }

  #put(approvalId: string, callId: string): void {
    const { input } = this.#options;
    if (input === undefined || !canBeAsked(input)) {
      this.#leave(callId);
      return;
    }
    const controller = new AbortController();
    this.#asking.set(callId, controller);
    void this.#ask(approvalId, input, controller.signal).then((decided) => {
      if (!this.#asking.delete(callId) || decided) return;
      this.#leave(callId);
    });
  }

  #leave(callId: string): void {
    this.#undecided.add(callId);
    this.#options.onUndecided();
  }

  #close(callId: string): void {
    this.#undecided.delete(callId);
    this.#asking.get(callId)?.abort(new Error('It is asked no longer.'));
    this.#asking.delete(callId);
  }

  #show(more: 1 | -1): void {
    this.#shown += more;
    this.#options.onAsking(this.#shown > 0);
  }

  /** Whether it is decided. Never rejects. */
  async #ask(approvalId: string, input: CallerInput, signal: AbortSignal): Promise<boolean> {
    const { runId, runs, actor } = this.#options;
    try {
      const approval = await runs.approval(runId, approvalId, actor);
      if (approval === undefined || signal.aborted) return true;
      this.#show(1);
      const said = await askCaller(input, { ...shownOf(approval), signal }).finally(() => this.#show(-1));
      if (said !== 'open')
        await runs.decide(runId, approvalId, said === 'allow' ? 'approved' : 'denied', actor);
      return said !== 'open';
    } catch {
      // A client that refuses has not decided; where the question was taken back, nobody waits for it.
      return false;
    }
  }
}

function shownOf({
  tool,
  ...approval
}: OpenApproval): Omit<OpenApproval, 'tool'> & { readonly name: string } {
  return { name: tool, ...approval };
}
