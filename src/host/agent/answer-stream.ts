/** One attempt after another of a model's answer, as it may be shown. */
import type { StepContext } from '../context.ts';
import { deltaKey } from '../engine/event-stream.ts';
import type { DeltaEventInput } from '../event.ts';
import type { OutputGuard } from '../guard/verdict.ts';
import type { AssistantMessage } from '../model/model.ts';

/** Tells deltas on as far as the guards let them through. */
export class AnswerStream {
  readonly #step: Pick<StepContext, 'emit'>;
  readonly #guard: OutputGuard;
  /** What came last; the rest of its text is told before something else is. */
  #last: DeltaEventInput | undefined;
  #hasShown = false;

  constructor(step: Pick<StepContext, 'emit'>, guard: OutputGuard) {
    this.#step = step;
    this.#guard = guard;
  }

  take(event: DeltaEventInput): void {
    const key = deltaKey(event);
    if (this.#last !== undefined && deltaKey(this.#last) !== key) this.#flush(this.#last);
    this.#last = event;
    this.#show(event, this.#guard.push(key, event.text));
  }

  restart(): void {
    this.#guard.restart();
    this.#last = undefined;
    this.#hasShown = false;
  }

  /** The answer has ended. */
  end(): void {
    if (this.#last !== undefined) this.#flush(this.#last);
    this.#last = undefined;
  }

  /** Shows a checked answer of which nothing was shown while it came. */
  showWhole(message: AssistantMessage): void {
    if (this.#hasShown) return;
    for (const part of message.content) {
      if (part.type === 'text') this.#show({ type: 'text-delta', text: part.text }, part.text);
      if (part.type === 'thinking') this.#show({ type: 'thinking-delta', text: part.text }, part.text);
    }
  }

  #flush(event: DeltaEventInput): void {
    this.#show(event, this.#guard.flush(deltaKey(event)));
  }

  #show(event: DeltaEventInput, text: string): void {
    if (text === '') return;
    this.#hasShown = true;
    this.#step.emit(text === event.text ? event : { ...event, text });
  }
}
