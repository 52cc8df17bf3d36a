/** Events of a sender that makes requests over HTTP. */
import type { WebhookTriggerConfig } from '../../../../config/trigger-webhook-schema.ts';
import type { WebhooksSettings } from '../../../../config/webhooks-settings.ts';
import { HostError } from '../../../../errors.ts';
import { isLoopbackHost } from '../../../../loopback.ts';
import type { LogSink } from '../../../../registry/contract.ts';
import type { SourceOptions, TriggerSource } from '../../source.ts';
import { Hook } from './hook.ts';
import type { WebhookListener } from './listener.ts';

export interface WebhookSurroundings {
  readonly listener: WebhookListener;
  readonly settings: () => WebhooksSettings;
  readonly log: LogSink;
}

export interface WebhookSource extends TriggerSource {
  readonly url: string;
}

/** Rejects with HostError where it cannot be listened for, or where anybody could send. */
export async function openWebhookSource(
  webhook: WebhookTriggerConfig,
  { trigger, deliver }: SourceOptions,
  { listener, settings, log }: WebhookSurroundings,
): Promise<WebhookSource> {
  const { host } = settings();
  if (webhook.secret === undefined && !isLoopbackHost(host))
    throw new HostError(
      'webhook-unsigned',
      `The webhook '${trigger}' has no secret, and ${host} is reached from other machines. Give it a secret, or let webhooks.host be 127.0.0.1.`,
    );
  const hook = new Hook({ trigger, webhook, deliver, settings, log });
  const url = await listener.add(hook);
  log({ level: 'info', component: 'trigger', event: 'webhook-open', fields: { trigger, url } });
  return { url, [Symbol.asyncDispose]: () => listener.remove(hook) };
}
