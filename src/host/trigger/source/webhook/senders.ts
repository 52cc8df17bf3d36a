/**
 * What is known of senders: how they sign, what they call an event, and which of their headers are worth telling. The sources
 * are their own documentations: GitHub "Validating webhook deliveries", Stripe "Verify webhook signatures manually", Slack
 * "Verifying requests from Slack", and the specification of Standard Webhooks 1.0.0.
 */
import type { IncomingHttpHeaders } from 'node:http';

import type { WEBHOOK_SENDERS } from '../../../../config/trigger-webhook-schema.ts';
import { isJsonObject, type Json } from '../../../../json.ts';
import { digestOf, headerOf, type Signing } from './signing.ts';

export interface Sender {
  readonly signing: Signing;
  /** The same for each time that an event is sent; undefined where the sender says none. */
  idOf(headers: IncomingHttpHeaders, body: Json): string | undefined;
  typeOf(headers: IncomingHttpHeaders, body: Json): string | undefined;
  /** What the input may name without being asked for. */
  readonly headers: readonly string[];
  /** An answer to what is no event, such as the proof that somebody listens. */
  replyTo?(headers: IncomingHttpHeaders, body: Json): string | undefined;
}

type SenderName = (typeof WEBHOOK_SENDERS)[number];

const plainKey = (secret: string): Buffer => Buffer.from(secret, 'utf8');

export const SENDERS: Readonly<Record<SenderName, Sender>> = {
  github: {
    signing: {
      algorithm: 'sha256',
      keyOf: plainKey,
      presented: (headers) => presentedWith(headers, { header: 'x-hub-signature-256', prefix: 'sha256=' }),
    },
    idOf: (headers) => headerOf(headers, 'x-github-delivery'),
    typeOf: (headers) => headerOf(headers, 'x-github-event'),
    headers: ['x-github-event', 'x-github-delivery', 'x-github-hook-id'],
    // Sent once, when the webhook is made.
    replyTo: (headers) => (headerOf(headers, 'x-github-event') === 'ping' ? 'pong' : undefined),
  },
  stripe: {
    signing: {
      algorithm: 'sha256',
      keyOf: plainKey,
      presented(headers) {
        const parts = (headerOf(headers, 'stripe-signature') ?? '').split(',').map((part) => part.trim());
        const valuesOf = (key: string): string[] =>
          parts.filter((part) => part.startsWith(`${key}=`)).map((part) => part.slice(key.length + 1));
        const [timestamp] = valuesOf('t');
        if (timestamp === undefined) return undefined;
        const signatures = valuesOf('v1').flatMap((text) => digestOf(text, 'hex'));
        return { signatures, before: `${timestamp}.`, timestamp };
      },
    },
    idOf: (_headers, body) => textAt(body, 'id'),
    typeOf: (_headers, body) => textAt(body, 'type'),
    headers: [],
  },
  slack: {
    signing: {
      algorithm: 'sha256',
      keyOf: plainKey,
      presented(headers) {
        const timestamp = headerOf(headers, 'x-slack-request-timestamp');
        if (timestamp === undefined) return undefined;
        const given = presentedWith(headers, { header: 'x-slack-signature', prefix: 'v0=' });
        return given && { ...given, before: `v0:${timestamp}:`, timestamp };
      },
    },
    // A slash command and a click say which trigger they are.
    idOf: (_headers, body) => textAt(body, 'event_id') ?? textAt(body, 'trigger_id'),
    typeOf: (_headers, body) =>
      textAt(isJsonObject(body) ? body['event'] : undefined, 'type') ?? textAt(body, 'type'),
    headers: ['x-slack-retry-num', 'x-slack-retry-reason'],
    replyTo: (_headers, body) =>
      textAt(body, 'type') === 'url_verification' ? textAt(body, 'challenge') : undefined,
  },
  standard: {
    signing: {
      algorithm: 'sha256',
      keyOf: (secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'),
      presented(headers) {
        const id = headerOf(headers, 'webhook-id');
        const timestamp = headerOf(headers, 'webhook-timestamp');
        // A full stop would let one part of what is signed be taken for another.
        if (id === undefined || timestamp === undefined || id.includes('.')) return undefined;
        const signatures = (headerOf(headers, 'webhook-signature') ?? '')
          .split(' ')
          .flatMap((one) => (one.startsWith('v1,') ? digestOf(one.slice('v1,'.length), 'base64') : []));
        return { signatures, before: `${id}.${timestamp}.`, timestamp };
      },
    },
    idOf: (headers) => headerOf(headers, 'webhook-id'),
    typeOf: (_headers, body) => textAt(body, 'type'),
    headers: ['webhook-id', 'webhook-timestamp'],
  },
};

export interface BodySignature {
  readonly header: string;
  readonly algorithm?: 'sha256' | 'sha512';
  readonly encoding?: 'hex' | 'base64';
  readonly prefix?: string;
}

/** A sender that signs the body alone, as the config describes it. */
export function bodySigning(signature: BodySignature): Signing {
  return {
    algorithm: signature.algorithm ?? 'sha256',
    keyOf: plainKey,
    presented: (headers) => presentedWith(headers, signature),
  };
}

function presentedWith(
  headers: IncomingHttpHeaders,
  { header, encoding = 'hex', prefix = '' }: BodySignature,
): { readonly signatures: readonly Buffer[] } | undefined {
  const text = headerOf(headers, header);
  if (text === undefined || !text.startsWith(prefix)) return undefined;
  return { signatures: digestOf(text.slice(prefix.length), encoding) };
}

function textAt(value: Json | undefined, key: string): string | undefined {
  if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
  const text = value[key];
  return typeof text === 'string' && text !== '' ? text : undefined;
}
