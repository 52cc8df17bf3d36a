/**
 * Sends a request to the Messages API and reads the events of its answer. The address, the headers and the errors are the
 * SDK's; the sending and the reading are ours, because the SDK's own cost as much as all the rest of a turn.
 */
import type { Anthropic } from '@anthropic-ai/sdk';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

import { isJsonObject } from '../../json.ts';
import { ConnectionFault } from './pieces.ts';
import { createPost, type PostResponse } from './post.ts';
import type { HeaderReader } from './rate-headers.ts';

type Sdk = typeof import('@anthropic-ai/sdk');

export interface AnthropicWire {
  readonly sdk: Sdk;
  /** `body` is JSON. Rejects with the SDK's errors where the answer is none. */
  send(body: string, signal: AbortSignal): Promise<AnthropicStream>;
  /** What the connection threw, as the SDK's error. */
  explained(error: unknown): unknown;
}

export interface AnthropicStream {
  readonly pieces: AsyncIterable<string>;
  /** The events that are whole with this piece. Throws the SDK's errors, and SyntaxError, after what came before. */
  read(piece: string): Iterable<Anthropic.RawMessageStreamEvent>;
}

export interface AnthropicWireOptions {
  readonly apiKey: string;
  /** Without `/v1/messages`, which the SDK adds. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly onHeaders?: ((header: HeaderReader) => void) | undefined;
}

export async function openAnthropicWire({
  apiKey,
  baseUrl,
  headers: defaultHeaders,
  onHeaders,
}: AnthropicWireOptions): Promise<AnthropicWire> {
  const sdk = await import('@anthropic-ai/sdk');
  const client = new sdk.Anthropic({
    apiKey,
    baseURL: baseUrl,
    defaultHeaders,
    maxRetries: 0,
    logLevel: 'off',
  });
  // The same for every request but the body.
  const envelope = await client.buildRequest({
    method: 'post',
    path: '/v1/messages',
    body: {},
    stream: true,
  });
  const post = await createPost(envelope.url, Object.fromEntries(envelope.req.headers));

  return {
    sdk,
    async send(body, signal) {
      const response = await post({ body, signal });
      onHeaders?.(response.header);
      if (!response.ok) throw await statusError(response, sdk);
      let events: EventSourceMessage[] = [];
      const parser = createParser({ onEvent: (event) => void events.push(event) });
      return {
        pieces: response.body,
        read(piece) {
          events = [];
          parser.feed(piece);
          return parsed(events, response, sdk);
        },
      };
    },
    explained(error) {
      return error instanceof ConnectionFault ? lost(error.cause, sdk) : error;
    },
  };
}

/** The SDK's reading of an event stream: what has no name is passed over, an `error` ends it. */
function* parsed(
  events: readonly EventSourceMessage[],
  response: PostResponse,
  { APIError }: Sdk,
): Generator<Anthropic.RawMessageStreamEvent> {
  for (const { event, data } of events) {
    if (event === undefined || event === 'ping' || data === '') continue;
    if (event === 'error') {
      const body = jsonOr(data);
      const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
      throw new APIError(undefined, body as object, undefined, response.headers, error.type as null);
    }
    yield JSON.parse(data) as Anthropic.RawMessageStreamEvent;
  }
}

async function statusError({ status, headers, body }: PostResponse, { APIError }: Sdk): Promise<Error> {
  let text = '';
  for await (const piece of body) text += piece;
  const json = jsonOr(text);
  return typeof json === 'string'
    ? APIError.generate(status, undefined, json, headers)
    : APIError.generate(status, json as object, undefined, headers);
}

function lost(cause: Error, { APIConnectionError, APIConnectionTimeoutError }: Sdk): Error {
  return /timed? ?out/i.test(cause.message)
    ? new APIConnectionTimeoutError()
    : new APIConnectionError({ cause });
}

/** The text itself where it is no JSON. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A gateway's page of HTML, for example: it is told as it is.
    return text;
  }
}
