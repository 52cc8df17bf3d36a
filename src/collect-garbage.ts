/** What is only garbage, given back at once. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * For the moment after hundreds of megabytes became garbage in one piece: the engine counts few objects and would keep
 * them beside whatever comes next. It takes tens of milliseconds, so it is nothing for small things.
 */
export function collectGarbage(): void {
  collect ??= exposedCollector();
  collect();
}

function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as () => void;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
