/** What is only garbage, given back at once. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options?: {
  readonly type: 'major';
  readonly execution: 'sync';
  readonly flavor: 'last-resort';
}) => void;

let exposed: Collect | undefined;

/**
 * For the moment after hundreds of megabytes became garbage in one piece: the engine counts few objects and would keep
 * them beside whatever comes next. It takes tens of milliseconds, so it is nothing for small things.
 */
export function collectGarbage(): void {
  exposed ??= exposedCollector();
  exposed();
}

/** For a time in which nobody waits: it takes longer, and gives back what the engine would keep for the next burst, too. */
export function collectAllGarbage(): void {
  exposed ??= exposedCollector();
  exposed({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

function exposedCollector(): Collect {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as Collect;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
