/** How fast models have answered in this process, of late. */

export interface LatencySample {
  readonly firstTokenMs: number;
  /** Undefined where an answer was too short to tell. */
  readonly msPerToken?: number;
}

export interface Latency {
  readonly firstTokenMs: number;
  /** 0 where no answer was long enough to tell. */
  readonly msPerToken: number;
}

/** What was measured so long ago counts half. */
const HALF_LIFE_MS = 10 * 60_000;

interface Mean {
  weight: number;
  value: number;
}

interface Entry {
  readonly firstTokenMs: Mean;
  readonly msPerToken: Mean;
  atMs: number;
}

/** Weighted means by model; the weight of what was measured decays with time, and a measure counts 1 when it is made. */
export class LatencyBook {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  record(model: string, { firstTokenMs, msPerToken }: LatencySample): void {
    const atMs = this.#now();
    const entry = this.#entries.get(model) ?? {
      firstTokenMs: { weight: 0, value: 0 },
      msPerToken: { weight: 0, value: 0 },
      atMs,
    };
    const decay = 0.5 ** ((atMs - entry.atMs) / HALF_LIFE_MS);
    add(entry.firstTokenMs, decay, firstTokenMs);
    add(entry.msPerToken, decay, msPerToken);
    entry.atMs = atMs;
    this.#entries.set(model, entry);
  }

  /** Undefined: it has not answered yet. */
  of(model: string): Latency | undefined {
    const entry = this.#entries.get(model);
    return entry && { firstTokenMs: entry.firstTokenMs.value, msPerToken: entry.msPerToken.value };
  }
}

function add(mean: Mean, decay: number, sample: number | undefined): void {
  mean.weight *= decay;
  if (sample === undefined) return;
  mean.value = (mean.value * mean.weight + sample) / (mean.weight + 1);
  mean.weight += 1;
}
