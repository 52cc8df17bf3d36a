/** A listener for webhooks with a recording trigger behind each. */
import { createHmac } from 'node:crypto';

import type { WebhookTriggerConfig } from '../../../../../src/config/trigger-webhook-schema.ts';
import { DEFAULT_WEBHOOKS, type WebhooksSettings } from '../../../../../src/config/webhooks-settings.ts';
import {
  type ListenerOptions,
  WebhookListener,
} from '../../../../../src/host/trigger/source/webhook/listener.ts';
import {
  openWebhookSource,
  type WebhookSource,
} from '../../../../../src/host/trigger/source/webhook/webhook-source.ts';
import type { LogEntry } from '../../../../../src/registry/contract.ts';
import { type RecordingSource, recordingSource } from '../../../../fixtures/recording-source.ts';

export const SECRET = 'a-secret-of-some-length';
export const GITHUB: WebhookTriggerConfig = { sender: 'github', secret: SECRET };

export interface OpenHooks extends AsyncDisposable {
  readonly log: LogEntry[];
  settings: WebhooksSettings;
  open(webhook: WebhookTriggerConfig, trigger?: string): Promise<OpenHook>;
}

export interface OpenHook {
  readonly source: WebhookSource;
  readonly url: string;
  readonly told: RecordingSource;
}

export function openHooks(
  settings: Partial<WebhooksSettings> = {},
  times: Pick<ListenerOptions, 'headersTimeoutMs' | 'requestTimeoutMs'> = {},
): OpenHooks {
  const log: LogEntry[] = [];
  const sink = (entry: LogEntry): void => void log.push(entry);
  const hooks: OpenHooks = {
    log,
    settings: { ...DEFAULT_WEBHOOKS, port: 0, ...settings },
    async open(webhook, trigger = 'hook') {
      const told = recordingSource(trigger);
      const parts = { listener, settings: () => hooks.settings, log: sink };
      const source = await openWebhookSource(webhook, told, parts);
      return { source, url: source.url, told };
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
  const listener = new WebhookListener({ settings: () => hooks.settings, log: sink, ...times });
  return hooks;
}

export function hex(text: string | Buffer, secret = SECRET): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly secret?: string;
  readonly delivery?: string;
}

/** As GitHub does it. */
export function post(url: string, body: string | Buffer, options: PostOptions = {}): Promise<Response> {
  const { headers = {}, secret = SECRET, delivery = 'd-1' } = options;
  return fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-GitHub-Event': 'push',
      'X-GitHub-Delivery': delivery,
      'X-Hub-Signature-256': `sha256=${hex(body, secret)}`,
      ...headers,
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
}
