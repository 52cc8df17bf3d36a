import type { HostError } from '../../errors.ts';

/** Which steps of a run are under way, and whether they do anything but wait for signals. */
export class OpenSteps {
  readonly #onAllWaiting: () => void;
  readonly #onIdle: (reason: HostError) => void;
  #open = 0;
  readonly #waits = new Set<{ readonly untilMs: number | undefined }>();
  #leaving: HostError | undefined;
  #settled: PromiseWithResolvers<void> | undefined;

  constructor(options: {
    /** Everything that is under way waits for a signal. */
    readonly onAllWaiting: () => void;
    /** Nothing is under way any more, and nothing will be. */
    readonly onIdle: (reason: HostError) => void;
  }) {
    this.#onAllWaiting = options.onAllWaiting;
    this.#onIdle = options.onIdle;
  }

  /** Whether a step did not begin, or was broken off, because the run is being left: then what is made of that is void. */
  wasCut = false;

  get isLeaving(): boolean {
    return this.#leaving !== undefined;
  }

  enter(): void {
    this.#open += 1;
  }

  leave(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#settled?.resolve();
    this.#look();
  }

  /** `untilMs`: when it gives up, wall clock. */
  wait(untilMs: number | undefined): Disposable {
    const wait = { untilMs };
    this.#waits.add(wait);
    this.#look();
    return { [Symbol.dispose]: () => void this.#waits.delete(wait) };
  }

  /** When the first wait gives up; undefined where none does. */
  get firstWaitEndsMs(): number | undefined {
    const ends = [...this.#waits].flatMap(({ untilMs }) => untilMs ?? []);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** Lets what is under way come to its end, and nothing begin. */
  leaveRun(reason: HostError): void {
    this.#leaving ??= reason;
    this.#look();
  }

  /** Resolves when no step is open. */
  async settled(): Promise<void> {
    if (this.#open === 0) return;
    this.#settled ??= Promise.withResolvers();
    await this.#settled.promise;
  }

  #look(): void {
    if (this.#open !== this.#waits.size) return;
    if (this.#leaving) {
      this.#onIdle(this.#leaving);
      return;
    }
    // What a step gave is taken up by the workflow in the same turn of the event loop, and leads to the next step.
    if (this.#open > 0)
      setImmediate(() => {
        if (this.#open > 0 && this.#open === this.#waits.size) this.#onAllWaiting();
      });
  }
}
