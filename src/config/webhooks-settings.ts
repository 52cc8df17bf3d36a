/** What `webhooks` of the config comes to. */
export interface WebhooksSettings {
  readonly host: string;
  readonly port: number;
  readonly maxBodyBytes: number;
  /** Of one webhook, signed as they have to be. */
  readonly requestsPerMinute: number;
}

export const DEFAULT_WEBHOOKS: WebhooksSettings = {
  host: '127.0.0.1',
  port: 4_712,
  maxBodyBytes: 1_024 * 1_024,
  requestsPerMinute: 600,
};
