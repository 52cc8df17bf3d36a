/**
 * What stands before every request of a client: whose it is, how many it made this minute, how many it has open. A client is
 * the name of a token or, where none is needed, an address.
 */
import type { IncomingMessage } from 'node:http';

import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, type RateLimitInfo, rateLimit } from 'express-rate-limit';

import type { HttpSettings } from '../../../config/serve-settings.ts';
import type { JsonObject } from '../../../json.ts';
import type { LogSink } from '../../../registry/contract.ts';
import type { ClientTokens } from '../../client-token/contract.ts';
import { MAX_OPEN_REQUESTS } from '../client-session.ts';
import { ERROR } from '../protocol.ts';
import { Authenticator } from './authenticate.ts';
import { OpenRequests } from './open-requests.ts';
import { refuse } from './refuse.ts';
import { Revocation } from './revocation.ts';

export interface AdmissionOptions {
  readonly tokens: ClientTokens;
  /** Only programs of this machine reach the server. */
  readonly loopback: boolean;
  /** Those of the moment. */
  readonly settings: () => Pick<HttpSettings, 'requestsPerMinute'>;
  readonly log: LogSink;
}

export interface Admission extends Disposable {
  /** Before the body is read, in this order. */
  readonly handlers: readonly RequestHandler[];
  /** Whose token an admitted request carries; undefined where none is needed. */
  principalOf(request: IncomingMessage): string | undefined;
}

const MINUTE_MS = 60_000;
/** Of one address. Good tokens come in beyond it, too. */
const FAILED_PER_MINUTE = 20;

export function createAdmission({ tokens, loopback, settings, log }: AdmissionOptions): Admission {
  const authenticator = new Authenticator(tokens, { loopback });
  const revocation = new Revocation(authenticator, tokens);
  const principals = new WeakMap<IncomingMessage, string>();
  const open = new OpenRequests();
  const clientOf = (request: IncomingMessage): string => {
    const principal = principals.get(request);
    return principal === undefined ? `address ${addressOf(request)}` : `token ${principal}`;
  };
  const warn = (event: string, fields: JsonObject): void =>
    log({ level: 'warn', component: 'serve', event, fields });

  const failures = rateLimit({
    ...COMMON,
    limit: FAILED_PER_MINUTE,
    keyGenerator: addressOf,
    handler: (request, response) => {
      const { used, retryAfterSeconds } = infoOf(request);
      if (used === FAILED_PER_MINUTE + 1) warn('client-refused-too-often', { address: addressOf(request) });
      refuse(response, tooMany('Too many requests without a good token.', retryAfterSeconds));
    },
  });

  const authenticate: RequestHandler = (request, response, next) => {
    const authenticated = authenticator.authenticate(request.headers);
    if (authenticated.type === 'client') {
      const { token } = authenticated;
      if (token !== undefined) principals.set(request, token.name);
      revocation.add(token?.id, response);
      next();
      return;
    }
    const { refusal, reason } = authenticated;
    void failures(request, response, () => {
      warn('client-refused', { address: addressOf(request), ...reason });
      refuse(response, refusal);
    });
  };

  const limitRate = rateLimit({
    ...COMMON,
    limit: () => settings().requestsPerMinute,
    keyGenerator: clientOf,
    handler: (request, response) => {
      const { used, limit, retryAfterSeconds } = infoOf(request);
      if (used === limit + 1) warn('client-too-fast', { client: clientOf(request), limit });
      const message = `More than ${limit} requests in a minute ("requestsPerMinute" in the config).`;
      refuse(response, tooMany(message, retryAfterSeconds));
    },
  });

  const limitOpen: RequestHandler = (request, response, next) => {
    // The streams that a GET opens are bounded with their sessions.
    if (request.method !== 'POST') {
      next();
      return;
    }
    const end = open.begin(clientOf(request));
    if (end === undefined) {
      const message = `More than ${MAX_OPEN_REQUESTS} requests of this client are open. Wait until one is answered.`;
      refuse(response, tooMany(message, 1));
      return;
    }
    response.once('close', end);
    next();
  };

  return {
    handlers: [authenticate, limitRate, limitOpen],
    principalOf: (request) => principals.get(request),
    [Symbol.dispose]: () => revocation[Symbol.dispose](),
  };
}

/** The client's own address is that of its connection: a header of a proxy could be anybody's word. */
function addressOf({ socket }: Pick<IncomingMessage, 'socket'>): string {
  return ipKeyGenerator(socket.remoteAddress ?? '');
}

const COMMON = {
  windowMs: MINUTE_MS,
  standardHeaders: false,
  legacyHeaders: false,
  // They look at headers of proxies, which count for nothing here.
  validate: false,
} as const;

interface LimitInfo extends Pick<RateLimitInfo, 'used' | 'limit'> {
  readonly retryAfterSeconds: number;
}

function infoOf(request: Request): LimitInfo {
  const info: unknown = Reflect.get(request, 'rateLimit');
  const { used, limit, resetTime } = info as RateLimitInfo;
  const leftMs = (resetTime?.getTime() ?? Date.now() + MINUTE_MS) - Date.now();
  return { used, limit, retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1_000)) };
}

function tooMany(message: string, retryAfterSeconds: number): Parameters<typeof refuse>[1] {
  return {
    status: 429,
    code: ERROR.tooManyRequests,
    message,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  };
}
