import type { RunOutcome } from '../engine/engine.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, limit: 3, waiting: 4, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const USAGE_CODES = new Set([
  'usage',
  'config-invalid',
  'config-not-found',
  'config-unreadable',
  'config-untrusted',
  'unknown-session',
  'unknown-approval',
  'unknown-run',
  'unknown-server',
  'login-not-needed',
  'unknown-workflow',
  'unknown-trigger',
  'trigger-paused',
  'daemon-running',
  'input-invalid',
  'run-ended',
  'run-elsewhere',
  'key-used',
]);

/** The exit code for a HostError that ends a command. */
export function exitCodeOf(code: string): ExitCode {
  if (USAGE_CODES.has(code)) return EXIT.usage;
  if (code === 'cancelled') return EXIT.interrupted;
  return code === 'limit-reached' ? EXIT.limit : EXIT.failed;
}

export function exitCodeOfRun(outcome: RunOutcome): ExitCode {
  switch (outcome.type) {
    case 'done':
      return EXIT.done;
    case 'failed':
      return exitCodeOf(outcome.error.code);
    case 'stopped':
      return EXIT.limit;
    case 'cancelled':
      return EXIT.interrupted;
    case 'suspended':
      if (outcome.reason === 'waiting') return EXIT.waiting;
      return outcome.reason === 'closing' ? EXIT.interrupted : EXIT.failed;
    default:
      return outcome satisfies never;
  }
}
