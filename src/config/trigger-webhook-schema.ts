/** `triggers.….webhook`: which requests over HTTP start a run. */
import { z } from 'zod';

export const webhookTriggerSchema = z.strictObject({
  secret: z.string().min(1).meta({
    description: 'What senders sign with (HMAC), as in `${HOOK_SECRET}`.',
  }),
  path: z
    .string()
    .regex(/^\/[\w./-]{1,200}$/, { error: 'a path such as "/hooks/build"' })
    .exactOptional()
    .meta({ description: 'Where it is sent to. By default `/triggers/` and the name of the trigger.' }),
});

export type WebhookTriggerConfig = z.output<typeof webhookTriggerSchema>;
