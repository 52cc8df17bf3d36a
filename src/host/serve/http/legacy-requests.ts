/** Clients of the 2025 era: POST, GET and DELETE within sessions (spec 2025-11-25: basic/transports). */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

import { isJsonObject } from '../../../json.ts';
import { classify, type RequestId, requestIdOf, type WireMessage } from '../../../wire/message.ts';
import { MAX_BATCH } from '../client-session.ts';
import { ERROR, LEGACY_VERSIONS } from '../protocol.ts';
import { CLOSING, type Closing } from './closing.ts';
import type { LegacySession } from './legacy-session.ts';
import type { Posted } from './modern-requests.ts';
import type { Refusal } from './refuse.ts';
import { eventPosition } from './replayable-stream.ts';
import type { Sessions } from './sessions.ts';

export type Asked = Omit<Posted, 'value'>;

export class LegacyRequests {
  readonly #sessions: Sessions;
  readonly #closing: Closing;

  constructor(sessions: Sessions, closing: Closing) {
    this.#sessions = sessions;
    this.#closing = closing;
  }

  /** What is said instead of serving it; undefined where it is served. */
  post(posted: Posted, response: ServerResponse): Refusal | undefined {
    const { value, headers, principal } = posted;
    const read = readMessages(value);
    if (read.type === 'refused') return read.refusal;
    const { requests } = read;
    const [first] = requests;
    const refused = versionRefusal(headers);
    if (refused !== undefined) return { ...refused, id: first?.id };
    if (first !== undefined && this.#closing.isClosing) return { ...CLOSING, id: first.id };
    const begins = first?.method === 'initialize' && !Array.isArray(value);
    const found =
      begins && headers['mcp-session-id'] === undefined ? this.#begin(principal) : this.#find(posted);
    if (found.type === 'refused') return { ...found.refusal, id: first?.id };
    const { session } = found;
    if (requests.length === 0) {
      session.take(value);
      response.writeHead(202).end();
      return undefined;
    }
    const ids = requests.map(({ id }) => id);
    const unfit = unfitFor(session, requests, ids, value);
    if (unfit !== undefined) return { ...invalid(unfit), id: first?.id };
    session.request(value, ids, response);
    return undefined;
  }

  get(asked: Asked, response: ServerResponse): Refusal | undefined {
    const found = this.#find(asked);
    if (found.type === 'refused') return found.refusal;
    const refused = versionRefusal(asked.headers);
    if (refused !== undefined) return refused;
    if (this.#closing.isClosing) return CLOSING;
    const lastEventId = String(asked.headers['last-event-id'] ?? '');
    const position = eventPosition(lastEventId);
    if (position !== undefined && found.session.resume(position, response)) return undefined;
    // A stream of a request has nothing more to say; any other goes on as a new one.
    if (position?.key.startsWith('r') === true)
      return invalid(`The stream of the event ${lastEventId} is over, or is no longer kept.`);
    found.session.listen(response);
    return undefined;
  }

  delete(asked: Asked, response: ServerResponse): Refusal | undefined {
    const found = this.#find(asked);
    if (found.type === 'refused') return found.refusal;
    this.#sessions.end(found.session, 'The client ended the session.');
    response.writeHead(204).end();
    return undefined;
  }

  #begin(principal: string | undefined): Found {
    const session = this.#sessions.open(principal);
    return session === undefined ? TOO_MANY : { type: 'session', session };
  }

  #find({ headers, principal }: Asked): Found {
    const id = headers['mcp-session-id'];
    if (typeof id !== 'string') return NO_ID;
    const session = this.#sessions.use(id, principal);
    return session === undefined ? UNKNOWN : { type: 'session', session };
  }
}

type Found = { readonly type: 'session'; readonly session: LegacySession } | Refused;
type Refused = { readonly type: 'refused'; readonly refusal: Refusal };
type Request = Extract<WireMessage, { kind: 'request' }>;

const NO_ID: Refused = {
  type: 'refused',
  refusal: invalid(
    'The header Mcp-Session-Id is missing. A session begins with initialize; a request of the revision 2026-07-28 has no session, and says its revision in _meta.',
  ),
};
const UNKNOWN: Refused = {
  type: 'refused',
  refusal: { ...invalid('There is no such session (any more). Begin one with initialize.'), status: 404 },
};
const TOO_MANY: Refused = {
  type: 'refused',
  refusal: {
    status: 503,
    code: ERROR.internal,
    message: 'Too many sessions are in use ("maxSessions" in the config). Try again when one has ended.',
    headers: { 'Retry-After': '30' },
  },
};

function readMessages(
  value: unknown,
): Refused | { readonly type: 'messages'; readonly requests: readonly Request[] } {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const requests: Request[] = [];
  if (values.length === 0 || values.length > MAX_BATCH)
    return refused(`A batch has from 1 to ${MAX_BATCH} messages, and this one ${values.length}.`);
  for (const one of values) {
    const message = classify(one);
    if (message === undefined) return refused('This is no JSON-RPC 2.0 message.', requestIdOf(one));
    if (message.kind === 'notification' && isJsonObject(one) && 'id' in one)
      return refused('The id of a request is a text or a number.');
    if (message.kind === 'request') requests.push(message);
  }
  return { type: 'messages', requests };
}

function refused(message: string, id?: RequestId): Refused {
  return { type: 'refused', refusal: { ...invalid(message), id } };
}

/** What the session cannot take; undefined where it can. */
function unfitFor(
  session: LegacySession,
  requests: readonly Request[],
  ids: readonly RequestId[],
  value: unknown,
): string | undefined {
  if (Array.isArray(value) && session.protocolVersion !== '2025-03-26')
    return `Batches are of the revision 2025-03-26 alone; this session is of ${session.protocolVersion}.`;
  if (session.isBegun && requests.some(({ method }) => method === 'initialize'))
    return 'The session has begun. Another one begins with initialize without Mcp-Session-Id.';
  const twice = ids.find((id, at) => session.hasOpen(id) || ids.indexOf(id) !== at);
  return twice === undefined
    ? undefined
    : `The id ${JSON.stringify(twice)} is that of a request that is still open.`;
}

/** Clients before 2025-06-18 do not send it. */
function versionRefusal(headers: IncomingHttpHeaders): Refusal | undefined {
  const version = headers['mcp-protocol-version'];
  if (version === undefined || LEGACY_VERSIONS.includes(String(version))) return undefined;
  const said = JSON.stringify(String(version).slice(0, 100));
  return invalid(
    `MCP-Protocol-Version ${said} is not spoken here within sessions. It may be ${LEGACY_VERSIONS.join(', ')}.`,
  );
}

function invalid(message: string): Refusal {
  return { status: 400, code: ERROR.invalidRequest, message };
}
