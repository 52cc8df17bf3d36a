/** An orderly end when a signal comes. */
import { constants } from 'node:os';

import { suspended } from '../engine/outcome.ts';
import { EXIT } from './exit-code.ts';

export interface SignalWatch {
  readonly signal: AbortSignal;
  onInterrupt(handler: () => void): () => void;
  stop(): void;
}

/** Handles signals until `stop`: the first sets the exit code and aborts, a second ends the process. */
export function watchSignals(): SignalWatch {
  const controller = new AbortController();
  let interrupt: (() => void) | undefined;
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (name: NodeJS.Signals): void => {
    if (name === 'SIGINT' && interrupt) {
      interrupt();
      return;
    }
    // A second signal is a person who will not wait for servers to end; the registry kills them as the process exits.
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    process.exitCode = 128 + (constants.signals[name] ?? 0);
    // Ctrl-C is a person who wants no more of it; whatever else ends the program leaves its runs to be gone on with.
    controller.abort(name === 'SIGINT' ? name : suspended('closing', 'The program was asked to end.'));
  };
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    onInterrupt(handler) {
      interrupt = handler;
      return () => {
        interrupt = undefined;
      };
    },
    stop() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
