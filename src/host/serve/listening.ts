/** The change streams of a modern client (spec: basic/patterns/subscriptions). */
import { InFlight } from '../../in-flight.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';
import type { RequestId } from '../../wire/message.ts';
import type { ListKind } from './facade.ts';
import { ERROR, META, ProtocolError } from './protocol.ts';

const FILTER_KEYS = {
  tools: 'toolsListChanged',
  prompts: 'promptsListChanged',
  resources: 'resourcesListChanged',
} as const satisfies Record<ListKind, string>;

export interface Wanted {
  /** As the protocol's filter has it. */
  readonly lists: JsonObject;
  readonly uris: readonly string[];
}

export class Listening {
  readonly #serverInfo: JsonObject;
  /** What each wants to hear; null until it is acknowledged. */
  readonly #streams = new InFlight<RequestId, JsonObject | null>();

  constructor(serverInfo: JsonObject) {
    this.#serverInfo = serverInfo;
  }

  /** Opens the stream; changes are told on it as soon as it is acknowledged. */
  begin(id: RequestId, params: JsonObject, capabilities: JsonObject): Wanted {
    const { notifications } = params;
    if (!isJsonObject(notifications))
      throw new ProtocolError(ERROR.invalidParams, "'notifications' is missing: it says what to listen for.");
    this.#streams.set(id, null);
    const { resourceSubscriptions } = notifications;
    const uris: readonly unknown[] = Array.isArray(resourceSubscriptions) ? resourceSubscriptions : [];
    return {
      lists: honouredLists(notifications, capabilities),
      uris: uris.filter((uri) => typeof uri === 'string'),
    };
  }

  /** Says what of the filter is honoured; nothing is told on the stream before. */
  acknowledge(id: RequestId, { lists, uris }: Wanted): JsonObject {
    this.#streams.set(id, lists);
    const notifications = { ...lists, ...(uris.length === 0 ? {} : { resourceSubscriptions: uris }) };
    return streamNotification('notifications/subscriptions/acknowledged', id, { notifications });
  }

  get size(): number {
    return this.#streams.size;
  }

  has(id: RequestId): boolean {
    return this.#streams.has(id);
  }

  isAcknowledged(id: RequestId): boolean {
    return isJsonObject(this.#streams.get(id));
  }

  forget(id: RequestId): void {
    this.#streams.delete(id);
  }

  listChanged(kind: ListKind, method: string): readonly JsonObject[] {
    return [...this.#streams.entries()]
      .filter(([, lists]) => lists?.[FILTER_KEYS[kind]] === true)
      .map(([id]) => streamNotification(method, id, {}));
  }

  /** Ends all streams; the results tell the client that it was on purpose. */
  end(): readonly JsonObject[] {
    const ids = [...this.#streams.keys()];
    this.#streams.clear();
    return ids.map((id) => {
      const _meta = { [META.subscriptionId]: id, [META.serverInfo]: this.#serverInfo };
      return { jsonrpc: '2.0', id, result: { resultType: 'complete', _meta } };
    });
  }
}

function honouredLists(wanted: JsonObject, capabilities: JsonObject): JsonObject {
  const kinds = Object.entries(FILTER_KEYS).filter(([kind, key]) => {
    const capability = capabilities[kind];
    return wanted[key] === true && isJsonObject(capability) && capability['listChanged'] === true;
  });
  return Object.fromEntries(kinds.map(([, key]) => [key, true]));
}

export function streamNotification(method: string, id: RequestId, params: JsonObject): JsonObject {
  return { jsonrpc: '2.0', method, params: { ...params, _meta: { [META.subscriptionId]: id } } };
}
