/** The body of a request, as long as it is within the limit. */
import type { IncomingMessage } from 'node:http';

import { type RequestBody, readRequestBody } from '../../../request-body.ts';
import { parseMessage } from '../parse-message.ts';
import { ERROR } from '../protocol.ts';
import type { Refusal } from './refuse.ts';

export type Body =
  | { readonly type: 'json'; readonly value: unknown }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | Extract<RequestBody, { readonly type: 'gone' }>;

/** Never rejects. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  if (!isJson(request.headers['content-type'])) return NO_JSON;
  const body = await readRequestBody(request, maxBytes);
  switch (body.type) {
    case 'bytes':
      return parsed(body.bytes);
    case 'too-large':
      return tooLarge(maxBytes);
    case 'gone':
      return body;
    default:
      return body satisfies never;
  }
}

function parsed(bytes: Buffer): Body {
  const message = parseMessage(bytes);
  if (message.type === 'json') return message;
  const { code, message: text, id } = message;
  return { type: 'refused', refusal: { status: 400, code, message: text, id } };
}

function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

const NO_JSON: Body = {
  type: 'refused',
  refusal: {
    status: 415,
    code: ERROR.invalidRequest,
    message: 'Messages are sent as Content-Type: application/json.',
  },
};

function tooLarge(maxBytes: number): Body {
  const message = `The message is over the limit of ${maxBytes} bytes ("maxBodyBytes" in the config). Send it in parts.`;
  return { type: 'refused', refusal: { status: 413, code: ERROR.invalidRequest, message } };
}
