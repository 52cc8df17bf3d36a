/** How a session reaches its client, whatever the transport. Types only. */
import type { JsonObject } from '../../json.ts';
import type { RequestId } from '../../wire/message.ts';

export interface Channel {
  /** `relatedTo`: the client's request on whose behalf it is sent, for transports with a stream for each. */
  send(message: JsonObject, relatedTo?: RequestId): void;
  /** It carries one request and its answer: what a client of the modern era asks over HTTP. */
  readonly forOneRequest?: boolean;
  /** Nobody reads at the moment: what may be left out is left out. */
  congested(relatedTo?: RequestId): boolean;
  /** The request has ended without an answer, as one that is cancelled does. */
  unanswered?(id: RequestId): void;
}
