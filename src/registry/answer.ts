/** What became of one request: the server answered, it was refused, or its fate is unknown. */
import { messageOf } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { AuthFailure } from './auth-failure.ts';
import { LocalFailure, type RequestRecord, type UncertainCause } from './request-ledger.ts';

export type Answer =
  | { readonly type: 'result'; readonly result: JsonObject }
  /** Nothing was done: the server said no, or the request never left. `data` is what the server added to its no. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string; readonly data?: Json }
  | {
      readonly type: 'lost';
      readonly cause: UncertainCause;
      readonly message: string;
      readonly sentAtMs: number;
    };

export interface EndedByUs {
  readonly cause: 'timeout' | 'cancelled';
  readonly message: string;
}

/** Names of system errors that mean that no connection was made, so nothing was sent. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Reads what the SDK threw for a request. Errors of the SDK are told by shape, so that it is not loaded for this. */
export function answerOf(thrown: unknown, record: RequestRecord, ended: EndedByUs | undefined): Answer {
  const { sentAtMs } = record;
  const lost = (cause: UncertainCause, message: string): Answer =>
    sentAtMs === undefined
      ? { type: 'refused', code: 'server-unavailable', message }
      : { type: 'lost', cause, message, sentAtMs };
  if (ended !== undefined) {
    if (sentAtMs !== undefined) return { type: 'lost', ...ended, sentAtMs };
    return { type: 'refused', code: 'cancelled', message: `${ended.message} Nothing was sent.` };
  }
  if (!(thrown instanceof Error)) return lost('invalid-answer', messageOf(thrown));
  const { code, data } = thrown as Error & { code?: unknown; data?: unknown };
  if (thrown instanceof LocalFailure) return lost(thrown.failure, thrown.message);
  if (data instanceof LocalFailure) return lost(data.failure, data.message);
  if (thrown instanceof AuthFailure) return refused(thrown.code, thrown.message);
  if (thrown.name === 'NotWrittenError') return refused('server-unavailable', thrown.message);
  if (typeof code === 'number' && thrown.name !== 'SseError') {
    return {
      type: 'refused',
      code: String(code),
      message: thrown.message,
      ...(data !== undefined && { data: data as Json }),
    };
  }
  if (code === 'CONNECTION_CLOSED')
    return lost('connection-lost', 'The connection was lost before the answer came.');
  const status = httpStatus(thrown);
  if (status !== undefined) {
    return status < 500
      ? refused(`http-${status}`, thrown.message)
      : lost('invalid-answer', `The server answered with HTTP ${status}.`);
  }
  if (thrown.message === 'fetch failed') {
    const reason = systemCode(thrown.cause);
    return NEVER_CONNECTED.has(reason)
      ? refused('server-unavailable', `No connection could be made (${reason}).`)
      : lost('connection-lost', `The connection broke (${reason}).`);
  }
  return lost('invalid-answer', `The server's answer could not be read: ${thrown.message.slice(0, 500)}`);
}

/** It was not its turn within its time, or before it was cancelled. */
export function noTurn(turn: 'too-late' | 'cancelled', waitedMs: number): Answer {
  if (turn === 'cancelled')
    return { type: 'refused', code: 'cancelled', message: 'The call was cancelled. Nothing was sent.' };
  return {
    type: 'refused',
    code: 'server-busy',
    message:
      `A call of another client was open for ${waitedMs} ms, and this server asks its client without saying for which call. ` +
      'Nothing was sent. Try again later, or give each client a connection of its own: "isolation": "session".',
  };
}

function refused(code: string, message: string): Answer {
  return { type: 'refused', code, message };
}

/** The HTTP status of an SDK error; its SSE transport tells it in words only. */
export function httpStatus(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { status } = thrown as Error & { status?: unknown };
  if (typeof status === 'number') return status;
  const told = /\(HTTP (\d{3})\)/.exec(thrown.message)?.[1];
  return told === undefined ? undefined : Number(told);
}

function systemCode(cause: unknown): string {
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : messageOf(cause);
}
