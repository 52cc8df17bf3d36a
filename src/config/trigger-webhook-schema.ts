/** `triggers.….webhook`: which requests over HTTP start a run, and who has to have signed them. */
import { z } from 'zod';

/** Whose way of signing is known. */
export const WEBHOOK_SENDERS = ['github', 'stripe', 'slack', 'standard'] as const;

/** Told to nobody: whoever has them can come in like the sender. */
const CREDENTIALS = /^(?:authorization|proxy-authorization|cookie|.*(?:signature|token|secret|api-key).*)$/i;
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]{1,100}$/;

const headerName = () => z.string().regex(HEADER_NAME, { error: 'the name of a header' });
const secret = () => z.string().min(16);

const signatureSchema = z.strictObject({
  header: headerName().meta({ description: 'Where the signature of the body stands.' }),
  algorithm: z
    .enum(['sha256', 'sha512'])
    .exactOptional()
    .meta({ description: 'The hash of the HMAC.', default: 'sha256' }),
  encoding: z
    .enum(['hex', 'base64'])
    .exactOptional()
    .meta({ description: 'How it is written.', default: 'hex' }),
  prefix: z.string().max(100).exactOptional().meta({
    description: 'What stands before it, as in `sha256=`.',
    default: '',
  }),
});

const webhookShape = z.strictObject({
  sender: z.enum(WEBHOOK_SENDERS).exactOptional().meta({
    description:
      'Who sends, and with it how requests are signed: `standard` is [Standard Webhooks](https://www.standardwebhooks.com).',
  }),
  signature: signatureSchema.exactOptional().meta({
    description: 'How requests of another sender are signed: by an HMAC of the body.',
  }),
  secret: z
    .union([secret(), z.array(secret()).min(1).max(10)], {
      error: 'a text of at least 16 characters, or a list of them',
    })
    .exactOptional()
    .meta({
      description:
        'What the sender signs with, as in `${HOOK_SECRET}`. Of a list any is good, so that one can take the place of another.',
    }),
  unsigned: z.literal(true).exactOptional().meta({
    description: 'In place of a secret: any program of this machine may send, and nobody else.',
  }),
  events: z.array(z.string().min(1)).min(1).exactOptional().meta({
    description:
      'Which kinds of events of the `sender` start a run, as in `pull_request` or `invoice.paid`. By default all.',
  }),
  toleranceSeconds: z.int().min(1).max(86_400).exactOptional().meta({
    description: 'How old, or how far ahead, a signed time may be. Older requests are taken for a replay.',
    default: 300,
  }),
  idHeader: headerName().exactOptional().meta({
    description:
      'The header that is the same when a request is sent again. By default requests with the same body are the same event.',
  }),
  headers: z
    .array(
      headerName().refine((name) => !CREDENTIALS.test(name), { error: 'a header that holds no credential' }),
    )
    .exactOptional()
    .meta({ description: 'Further headers that the input may name.' }),
});

/** One key needs another, and some exclude each other. */
const RULES: readonly {
  readonly holds: (webhook: z.output<typeof webhookShape>) => boolean;
  readonly error: string;
}[] = [
  {
    holds: ({ secret: given, unsigned }) => (given === undefined) === (unsigned === true),
    error: "'secret', or '\"unsigned\": true' for requests of this machine alone",
  },
  {
    holds: ({ secret: given, sender, signature }) =>
      [sender, signature].filter((way) => way !== undefined).length === (given === undefined ? 0 : 1),
    error: "with a 'secret' one of 'sender' and 'signature', without one neither",
  },
  {
    holds: ({ sender, events, toleranceSeconds, idHeader }) =>
      sender === undefined
        ? events === undefined && toleranceSeconds === undefined
        : idHeader === undefined && (sender !== 'github' || toleranceSeconds === undefined),
    error:
      "'events' with a 'sender', 'toleranceSeconds' with one that signs the time (not 'github'), and 'idHeader' without one",
  },
  {
    holds: ({ sender, secret: given = [] }) =>
      sender !== 'standard' || [given].flat().every(isStandardSecret),
    error: "a 'secret' in base64, as in 'whsec_…'",
  },
];

export const webhookTriggerSchema = webhookShape.superRefine((webhook, context) => {
  const broken = RULES.find(({ holds }) => !holds(webhook));
  if (broken !== undefined) context.addIssue({ code: 'custom', message: broken.error });
});

export type WebhookTriggerConfig = z.output<typeof webhookTriggerSchema>;

function isStandardSecret(text: string): boolean {
  return /^(?:whsec_)?[A-Za-z0-9+/]{16,}={0,2}$/.test(text);
}
