/** The time that a part of a run may take. That it was up is journaled, so that a run that goes on sees it the same. */
import { limitReached } from './limit.ts';
import type { RunShared } from './run-context.ts';

const TIME_LIMIT = 'time-limit';

/** Where it is journaled that the time of the part at this path was up. */
export function timeLimitPath(path: string): string {
  return `${path}/${TIME_LIMIT}`;
}

/** The deadline of the part at this path, as its run's journal has it or as the clock will say. */
export function openPartDeadline(
  path: string,
  timeoutMs: number,
  { journal, replay, signal, open }: Pick<RunShared, 'journal' | 'replay' | 'signal' | 'open'>,
): PartDeadline {
  const at = { path: timeLimitPath(path), ordinal: 0, name: TIME_LIMIT };
  const wasReached = journal.hasStep(at.path, at.ordinal);
  if (wasReached) (replay ?? journal).step(at.path, at.ordinal, at.name);
  const startedAtMs = Date.now();
  return new PartDeadline({
    path,
    timeoutMs,
    wasReached,
    isReplay: replay !== undefined,
    onReached: () => {
      if (signal.aborted || open.wasCut) return;
      const durationMs = Date.now() - startedAtMs;
      journal.appendStep({ type: 'step', ...at, startedAtMs, durationMs, result: 'null' });
    },
  });
}

interface PartDeadlineOptions {
  readonly path: string;
  readonly timeoutMs: number;
  /** It was up before, as the journal says: then nothing of the part begins any more. */
  readonly wasReached: boolean;
  /** Without a clock: a replay finds in its journal whether it was up. */
  readonly isReplay: boolean;
  /** Writes down that it is up. */
  readonly onReached: () => void;
}

export class PartDeadline {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor({ path, timeoutMs, wasReached, isReplay, onReached }: PartDeadlineOptions) {
    const reached = (): void =>
      this.#abort.abort(
        limitReached({
          limit: 'time',
          message: `The time limit of ${timeoutMs / 1_000} s of "${path}" is reached.`,
          maximum: timeoutMs,
          branch: path,
        }),
      );
    if (wasReached) reached();
    else if (!isReplay)
      this.#timer = setTimeout(() => {
        onReached();
        reached();
      }, timeoutMs).unref();
  }

  /** Aborts with HostError `limit-reached` when the time is up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The part has come to its end. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
