/** The streams on which a server of the modern era tells of changes (spec: basic/patterns/subscriptions). */
import { setTimeout as delay } from 'node:timers/promises';

import type { Client } from '@modelcontextprotocol/client';

import { isJsonObject, type JsonObject } from '../json.ts';
import type { ChangeKind } from './connection-options.ts';

const RELISTEN_MS = 1_000;
const MAX_RELISTEN_MS = 60_000;

export interface ChangeStreamOptions {
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/** Keeps a stream for its lists open until the signal aborts, where the server declares that any list changes. Never rejects. */
export async function keepListening(
  client: Client,
  capabilities: JsonObject,
  { signal, onError }: ChangeStreamOptions,
): Promise<void> {
  const declares = (kind: ChangeKind): boolean => {
    const capability = capabilities[kind];
    return isJsonObject(capability) && capability['listChanged'] === true;
  };
  const filter = {
    ...(declares('tools') && { toolsListChanged: true as const }),
    ...(declares('prompts') && { promptsListChanged: true as const }),
    ...(declares('resources') && { resourcesListChanged: true as const }),
  };
  if (Object.keys(filter).length === 0) return;
  for (let delayMs = RELISTEN_MS; !signal.aborted; delayMs = Math.min(delayMs * 2, MAX_RELISTEN_MS)) {
    try {
      const subscription = await client.listen(filter, { signal });
      delayMs = RELISTEN_MS;
      await subscription.closed;
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
    // An abort ends the wait, and with it the loop.
    await delay(delayMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

export interface ResourceStream {
  /** Tells a refusal. Never rejects. */
  readonly opened: Promise<Error | undefined>;
  readonly ended: Promise<void>;
}

export function listenToResource(client: Client, uri: string, signal: AbortSignal): ResourceStream {
  const listening = client.listen({ resourceSubscriptions: [uri] }, { signal });
  return {
    opened: listening.then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    ),
    ended: listening
      .then((subscription) => subscription.closed)
      .then(
        () => undefined,
        () => undefined,
      ),
  };
}
