/** Whether a request may come in, by its `Authorization` header (RFC 6750), before anything else of it is read. */
import type { IncomingHttpHeaders } from 'node:http';

import { messageOf } from '../../../errors.ts';
import type { ClientTokens, TokenCheck } from '../../client-token/contract.ts';
import { ERROR } from '../protocol.ts';
import type { Refusal } from './refuse.ts';

/** `token`: that with which it came; undefined where none is needed. */
export type Authenticated =
  | { readonly type: 'client'; readonly token: ClientToken | undefined }
  | { readonly type: 'refused'; readonly refusal: Refusal; readonly reason: RefusalReason };

export interface ClientToken {
  readonly id: string;
  /** Who the client is. */
  readonly name: string;
}

/** For the log: nothing of what was sent stands in it. */
export interface RefusalReason {
  readonly reason: 'no token' | 'another scheme' | 'unknown token' | 'expired token' | 'tokens unreadable';
  readonly principal?: string;
  readonly cause?: string;
}

export class Authenticator {
  readonly #tokens: ClientTokens;
  /** Once a token was needed it stays so: revoking the last one opens no door that is watched. */
  #needed: boolean;

  /** `loopback`: only programs of this machine reach it. */
  constructor(tokens: ClientTokens, { loopback }: { readonly loopback: boolean }) {
    this.#tokens = tokens;
    this.#needed = !loopback;
  }

  /** Never throws: where the tokens cannot be read nobody comes in. */
  authenticate(headers: Pick<IncomingHttpHeaders, 'authorization'>): Authenticated {
    try {
      return this.#authenticate(headers.authorization);
    } catch (error) {
      return refused({ reason: 'tokens unreadable', cause: messageOf(error) });
    }
  }

  /** Throws where the tokens cannot be read. */
  isNeeded(): boolean {
    this.#needed ||= this.#tokens.known().any;
    return this.#needed;
  }

  #authenticate(authorization: string | undefined): Authenticated {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) {
      if (!this.isNeeded()) return { type: 'client', token: undefined };
      return refused({ reason: authorization === undefined ? 'no token' : 'another scheme' });
    }
    return outcomeOf(this.#tokens.check(token), () => {
      this.#needed = true;
    });
  }
}

/** A token that is sent has to be good, also where none is needed: its client counts on being known by it. */
function outcomeOf(check: TokenCheck, onValid: () => void): Authenticated {
  switch (check.type) {
    case 'valid':
      onValid();
      return { type: 'client', token: { id: check.id, name: check.name } };
    case 'expired':
      return refused({ reason: 'expired token', principal: check.name });
    case 'unknown':
      return refused({ reason: 'unknown token' });
    default:
      return check satisfies never;
  }
}

function refused(reason: RefusalReason): Authenticated {
  return { type: 'refused', refusal: REFUSALS[reason.reason], reason };
}

const CHALLENGE = 'Bearer realm="switchyard"';
const TO_MAKE_ONE = 'To make one, where the server runs: switchyard tokens add <name>';

const REFUSALS: Readonly<Record<RefusalReason['reason'], Refusal>> = {
  'no token': unauthorized(`This server needs a token, as "Authorization: Bearer <token>". ${TO_MAKE_ONE}`),
  'another scheme': unauthorized(
    `This server takes tokens alone, as "Authorization: Bearer <token>". ${TO_MAKE_ONE}`,
  ),
  'unknown token': unauthorized(`The token is unknown, or was revoked. ${TO_MAKE_ONE}`, 'invalid_token'),
  'expired token': unauthorized(`The token has expired. ${TO_MAKE_ONE}`, 'invalid_token'),
  'tokens unreadable': {
    status: 503,
    code: ERROR.internal,
    message: 'The tokens of clients cannot be read at the moment; the log of the server says why.',
    headers: { 'Retry-After': '10' },
  },
};

function unauthorized(message: string, error?: string): Refusal {
  return {
    status: 401,
    code: ERROR.unauthorized,
    message,
    headers: { 'WWW-Authenticate': error === undefined ? CHALLENGE : `${CHALLENGE}, error="${error}"` },
  };
}
