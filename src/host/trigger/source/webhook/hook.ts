/** One webhook: whose requests are taken, and what event each of them is. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import type { WebhookTriggerConfig } from '../../../../config/trigger-webhook-schema.ts';
import type { WebhooksSettings } from '../../../../config/webhooks-settings.ts';
import { toHostError } from '../../../../errors.ts';
import type { Json, JsonObject } from '../../../../json.ts';
import { isLoopbackHost } from '../../../../loopback.ts';
import type { LogSink } from '../../../../registry/contract.ts';
import { readRequestBody } from '../../../../request-body.ts';
import { namesSecret } from '../../../secret/names.ts';
import type { SourceOptions, TriggerEvent } from '../../source.ts';
import { type Answer, refusal, tryAgain } from './answer.ts';
import { MinuteCount } from './minute-count.ts';
import { bodyForm, parseBody, valuesByName } from './parse-body.ts';
import { bodySigning, type Sender, SENDERS } from './senders.ts';
import { createVerifier, headerOf, type Verify } from './signing.ts';

export interface HookOptions extends Pick<SourceOptions, 'trigger' | 'deliver'> {
  readonly webhook: WebhookTriggerConfig;
  /** Those of the moment. */
  readonly settings: () => WebhooksSettings;
  readonly log: LogSink;
}

const DEFAULT_TOLERANCE_SECONDS = 300;
/** Requests that are not signed as they have to be: further ones in a minute are not logged, and told to wait. */
const MAX_FAILED_PER_MINUTE = 20;
const MAX_ID_LENGTH = 200;

export class Hook {
  readonly trigger: string;
  readonly #options: HookOptions;
  readonly #sender: Sender | undefined;
  readonly #verify: Verify | undefined;
  readonly #taken = new MinuteCount();
  readonly #failed = new MinuteCount();
  readonly #open = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(options: HookOptions) {
    const { sender, signature, secret, toleranceSeconds = DEFAULT_TOLERANCE_SECONDS } = options.webhook;
    this.trigger = options.trigger;
    this.#options = options;
    this.#sender = sender === undefined ? undefined : SENDERS[sender];
    const signing = this.#sender?.signing ?? (signature && bodySigning(signature));
    if (signing !== undefined && secret !== undefined)
      this.#verify = createVerifier({ signing, secrets: [secret].flat(), toleranceSeconds });
  }

  /** Never rejects; undefined where the sender has gone. */
  async answer(request: IncomingMessage, query: URLSearchParams): Promise<Answer | undefined> {
    const { headers } = request;
    const form = bodyForm(headers['content-type']);
    const isPlain = (headers['content-encoding'] ?? 'identity') === 'identity';
    const isAllowed = form === 'json' || (form === 'form' && this.#verify !== undefined);
    if (!isAllowed || !isPlain) return refusal(415, UNKNOWN_TYPE);
    if (this.#verify === undefined && !isOfThisMachine(request)) return refusal(403, NOT_OF_THIS_MACHINE);
    const { maxBodyBytes, requestsPerMinute } = this.#options.settings();
    const body = await readRequestBody(request, maxBodyBytes);
    if (body.type === 'gone') return undefined;
    if (body.type === 'too-large')
      return refusal(413, `The body is over the limit of ${maxBodyBytes} bytes.`);
    const fault = this.#verify?.(headers, body.bytes);
    if (fault !== undefined) return this.#refused(request, fault);
    if (this.#taken.add() > requestsPerMinute)
      return tryAgain(429, `More than ${requestsPerMinute} requests in a minute.`, this.#taken.leftSeconds);
    const parsed = parseBody(body.bytes, form);
    if (parsed.type === 'refused') return refusal(400, parsed.message);
    const reply = this.#sender?.replyTo?.(headers, parsed.value);
    if (reply !== undefined) return { status: 200, body: reply };
    const type = this.#sender?.typeOf(headers, parsed.value);
    const { events } = this.#options.webhook;
    if (events !== undefined && (type === undefined || !events.includes(type)))
      return { status: 200, body: { status: 'ignored' } };
    const id = this.#idOf(headers, parsed.value, body.bytes);
    const data = this.#dataOf(headers, parsed.value, query, type);
    return this.#deliver({ id, atMs: Date.now(), data });
  }

  /** Resolves when nothing of it is under way; nothing is delivered afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#open);
  }

  async #deliver(event: TriggerEvent): Promise<Answer> {
    if (this.#isClosed) return tryAgain(503, 'Nobody listens at the moment.', 5);
    const delivered = this.#options.deliver(event, { onFull: 'refuse' });
    this.#open.add(delivered);
    try {
      const receipt = await delivered;
      const { type } = receipt;
      const run = type === 'duplicate' && receipt.runId !== undefined ? { run: receipt.runId } : {};
      return { status: type === 'duplicate' ? 200 : 202, body: { status: type, event: event.id, ...run } };
    } catch (error) {
      const { code, message } = toHostError(error);
      if (code === 'queue-full') return tryAgain(429, 'Too many events wait. Send it again.', 60);
      this.#log('webhook-not-written', { code, reason: message });
      return tryAgain(503, 'The event could not be written down. Send it again.', 30);
    } finally {
      this.#open.delete(delivered);
    }
  }

  #refused(request: IncomingMessage, reason: string): Answer {
    const count = this.#failed.add();
    if (count <= MAX_FAILED_PER_MINUTE) {
      this.#log('webhook-refused', { address: request.socket.remoteAddress ?? '', reason });
      return refusal(401, BAD_SIGNATURE);
    }
    if (count === MAX_FAILED_PER_MINUTE + 1) this.#log('webhook-refused-too-often', { reason });
    return tryAgain(429, 'Too many requests without a good signature.', this.#failed.leftSeconds);
  }

  /** What the sender calls it; else requests with the same body are the same event. */
  #idOf(headers: IncomingHttpHeaders, body: Json, bytes: Buffer): string {
    const { idHeader } = this.#options.webhook;
    const given = idHeader === undefined ? this.#sender?.idOf(headers, body) : headerOf(headers, idHeader);
    if (given === undefined || given === '') return `body-${sha256(bytes)}`;
    const isShort = given.length <= MAX_ID_LENGTH && /^[\x21-\x7e]+$/.test(given);
    return isShort ? given : `id-${sha256(given)}`;
  }

  #dataOf(
    headers: IncomingHttpHeaders,
    body: Json,
    query: URLSearchParams,
    type: string | undefined,
  ): JsonObject {
    const names = [
      ...TOLD_HEADERS,
      ...(this.#sender?.headers ?? []),
      ...(this.#options.webhook.headers ?? []),
    ];
    const told = names.flatMap((name): [string, string][] => {
      const value = headerOf(headers, name);
      return value === undefined ? [] : [[name.toLowerCase(), value]];
    });
    const parameters = [...query].filter(([name]) => !namesSecret(name));
    return {
      body,
      headers: Object.fromEntries(told),
      query: valuesByName(new URLSearchParams(parameters)),
      ...(type === undefined ? {} : { type }),
    };
  }

  #log(event: string, fields: JsonObject): void {
    const { log, trigger } = this.#options;
    log({ level: 'warn', component: 'trigger', event, fields: { trigger, ...fields } });
  }
}

const TOLD_HEADERS = ['content-type', 'user-agent'];

const UNKNOWN_TYPE =
  'Webhooks are sent as Content-Type: application/json, signed ones also as application/x-www-form-urlencoded, and not compressed.';
/** The same whatever is wrong, so that it tells nothing about the secret. */
const BAD_SIGNATURE = 'The signature is missing, wrong or too old.';
const NOT_OF_THIS_MACHINE =
  'This webhook has no secret: it takes requests of programs of this machine alone, under a loopback name.';

/** Neither passed on by something that others reach, nor made by a page in a browser. */
function isOfThisMachine({ headers, socket }: IncomingMessage): boolean {
  if (!isLoopbackHost((socket.remoteAddress ?? '').replace(/^::ffff:/, ''))) return false;
  const host = URL.parse(`http://${headers.host ?? ''}`)?.hostname ?? '';
  return isLoopbackHost(host) && PASSED_ON.every((name) => headers[name] === undefined);
}

const PASSED_ON = [
  'origin',
  'sec-fetch-site',
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-real-ip',
];

function sha256(value: string | Buffer): string {
  return createHash('sha256').update(value).digest('hex');
}
