import type { Json } from './json.ts';

export interface HostErrorOptions {
  readonly data?: Json;
  readonly cause?: unknown;
}

/**
 * The one error type that crosses rooms. `code` is stable and meant for programs; `message` says what failed, what
 * exists and what to do; `data` is JSON and never holds a secret.
 */
export class HostError extends Error {
  readonly code: string;
  readonly data: Json | undefined;

  constructor(code: string, message: string, options: HostErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HostError';
    this.code = code;
    this.data = options.data;
  }
}

/** Normalises whatever was thrown. A HostError passes unchanged; anything else becomes one with code `internal`. */
export function toHostError(thrown: unknown, code = 'internal'): HostError {
  if (thrown instanceof HostError) return thrown;
  if (thrown instanceof Error) return new HostError(code, thrown.message, { cause: thrown });
  return new HostError(code, String(thrown));
}

/** The text of whatever was thrown, for messages and logs. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
