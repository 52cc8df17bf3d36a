/** The part of the schema that describes where webhooks come in. */
import { z } from 'zod';

import { count } from './schema-parts.ts';
import { DEFAULT_WEBHOOKS } from './webhooks-settings.ts';

export const webhooksSchema = z.strictObject({
  host: z.string().min(1).exactOptional().meta({
    description: 'The address to listen on. On any but a loopback one every webhook needs a secret.',
    default: DEFAULT_WEBHOOKS.host,
  }),
  port: z.int().min(0).max(65_535).exactOptional().meta({
    description: 'The port; 0 is any free one.',
    default: DEFAULT_WEBHOOKS.port,
  }),
  maxBodyBytes: z.int().min(1_024).max(26_214_400).exactOptional().meta({
    description: 'The largest request.',
    default: DEFAULT_WEBHOOKS.maxBodyBytes,
  }),
  requestsPerMinute: count().exactOptional().meta({
    description: 'Signed requests of one webhook; more are refused until the minute is over.',
    default: DEFAULT_WEBHOOKS.requestsPerMinute,
  }),
});
