/** `triggers.….resource`: the update of which MCP resource starts a run. */
import { z } from 'zod';

export const resourceTriggerSchema = z.strictObject({
  uri: z.string().min(1).meta({ description: 'The resource, as `switchyard resources` lists it.' }),
});

export type ResourceTriggerConfig = z.output<typeof resourceTriggerSchema>;
