/** The server ends: what is open is finished, and nothing else is begun. */
import { ERROR } from '../protocol.ts';
import type { Refusal } from './refuse.ts';

export interface Closing {
  readonly isClosing: boolean;
}

export const CLOSING: Refusal = {
  status: 503,
  code: ERROR.internal,
  message: 'The server is ending. Try again when it runs again.',
  headers: { 'Retry-After': '5', Connection: 'close' },
};
