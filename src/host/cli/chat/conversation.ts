import type { RunHandle, RunOutcome } from '../../engine/engine.ts';
import type { Host } from '../../host.ts';
import type { ModelMessage } from '../../model/model.ts';
import type { Attachment } from '../../workflow/attachment.ts';
import type { AgentOutput } from '../../workflow/agent.ts';
import type { QuoteOutput } from '../../workflow/quote.ts';
import type { RunFlags } from '../commands.ts';
import { askOptions } from '../run.ts';

export type Answer = AgentOutput | QuoteOutput;

/** Requests that follow each other: each run is given what was said before. */
export class Conversation {
  readonly #host: Host;
  readonly #flags: RunFlags;
  readonly #signal: AbortSignal;
  #history: readonly ModelMessage[] = [];
  /** An alias of the config, or `provider/model`. */
  model: string;

  constructor(host: Host, flags: RunFlags, signal: AbortSignal) {
    this.#host = host;
    this.#flags = flags;
    this.#signal = signal;
    this.model = flags.model ?? 'default';
  }

  /** Rejects with the HostErrors of `Host.ask`. */
  ask(request: string, attachments: readonly Attachment[] = []): Promise<RunHandle<Answer>> {
    const options = askOptions({ ...this.#flags, model: this.model }, this.#signal, this.#history);
    return this.#host.ask(request, { ...options, attachments });
  }

  /** To be told of every run's end, so that the next one knows of it. */
  ended(outcome: RunOutcome<Answer>): void {
    if (outcome.type === 'done' && outcome.output.origin === 'model')
      this.#history = [...this.#history, ...outcome.output.messages];
  }

  /** Begins anew, without what was said. */
  forget(): void {
    this.#history = [];
  }
}
