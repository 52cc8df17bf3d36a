/** What the schema cannot say of webhooks: one without a secret is for programs of this machine, and for nobody else. */
import { isLoopbackHost } from '../loopback.ts';
import type { JsonDocument } from './json-document.ts';
import { configInvalid, placed } from './problem.ts';
import type { TriggerConfig } from './trigger-config.ts';
import { DEFAULT_WEBHOOKS, type WebhooksSettings } from './webhooks-settings.ts';

interface Written {
  readonly triggers?: Readonly<Record<string, TriggerConfig>>;
  readonly webhooks?: Partial<WebhooksSettings>;
}

/** Throws HostError `config-invalid`. */
export function checkWebhooks(
  file: string,
  { triggers = {}, webhooks: { host = DEFAULT_WEBHOOKS.host } = {} }: Written,
  document: JsonDocument,
): void {
  if (isLoopbackHost(host)) return;
  const unsigned = Object.entries(triggers).filter(([, { webhook }]) => webhook?.unsigned === true);
  const message = `expected a 'secret': webhooks.host is ${host}, which other machines reach`;
  if (unsigned.length > 0)
    throw configInvalid(
      file,
      unsigned.map(([name]) =>
        placed({ path: ['triggers', name, 'webhook', 'unsigned'], message }, document),
      ),
    );
}
