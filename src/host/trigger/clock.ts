/** The time of day and waiting, so that hours can pass in a test. */
export interface Clock {
  /** Epoch milliseconds; may jump, forwards and back. */
  readonly now: () => number;
  /** Calls `work` once after that time, unless the function that it returns is called before. */
  readonly after: (ms: number, work: () => void) => () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};
