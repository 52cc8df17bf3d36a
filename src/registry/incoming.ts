/** What a server sends of itself: its requests, and what it tells. */
import type { Client, StandardSchemaV1 } from '@modelcontextprotocol/client';

import { isJsonObject, type JsonObject } from '../json.ts';
import type { RequestId } from '../wire/message.ts';
import type { ChangeKind } from './connection-options.ts';
import type { InputRouter } from './input-router.ts';
import type { ToldMessage } from './session-contract.ts';

/** Accepts anything: what a server sent is read by us, with every field it has. */
export const ANYTHING: StandardSchemaV1<unknown, JsonObject> = {
  '~standard': {
    version: 1,
    vendor: 'switchyard',
    validate: (value) => ({ value: isJsonObject(value) ? value : {} }),
  },
};

export interface IncomingOptions {
  readonly inputs: Pick<InputRouter, 'answer' | 'ownerOf'>;
  /** Within a handler: the request of ours that it came with. */
  readonly relatedRequest: () => RequestId | undefined;
  readonly onListChanged: (kind: ChangeKind) => void;
  readonly onResourceUpdated: (uri: string) => void;
  readonly onMessage: (message: ToldMessage, owner: string | undefined) => void;
}

export function receiveFrom(client: Client, options: IncomingOptions): void {
  const { inputs, relatedRequest, onListChanged, onResourceUpdated, onMessage } = options;
  for (const method of ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const) {
    client.setRequestHandler(method, { params: ANYTHING }, async (params, { mcpReq: { signal } }) => ({
      ...(await inputs.answer({ method, params, signal, relatedTo: relatedRequest() })),
    }));
  }
  for (const kind of ['tools', 'prompts', 'resources'] as const)
    client.setNotificationHandler(`notifications/${kind}/list_changed`, () => onListChanged(kind));
  client.setNotificationHandler('notifications/resources/updated', (message) =>
    onResourceUpdated(message.params.uri),
  );
  for (const method of ['notifications/message', 'notifications/elicitation/complete'] as const)
    client.setNotificationHandler(method, { params: ANYTHING }, (params) =>
      onMessage({ method, params }, inputs.ownerOf(relatedRequest())),
    );
}
