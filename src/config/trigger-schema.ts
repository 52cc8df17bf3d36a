/** The part of the schema that describes triggers: what starts runs of workflows by itself while `switchyard daemon` runs. */
import { z } from 'zod';

import { count } from './schema-parts.ts';
import { DEFAULT_TRIGGER, OVERLAP_POLICIES, TRIGGER_KINDS, type TriggerConfig } from './trigger-config.ts';
import { fileTriggerSchema } from './trigger-file-schema.ts';
import { resourceTriggerSchema } from './trigger-resource-schema.ts';
import { scheduleTriggerSchema } from './trigger-schedule-schema.ts';
import { webhookTriggerSchema } from './trigger-webhook-schema.ts';

const MAX_DEBOUNCE_MS = 86_400_000;

const triggerShape = z.strictObject({
  description: z.string().exactOptional().meta({ description: 'What it is for.' }),
  workflow: z.string().min(1).meta({ description: 'The workflow of this config that is started.' }),
  input: z
    .json()
    .exactOptional()
    .meta({
      description:
        'What the workflow is given, with placeholders such as `{{data.name}}` in its text: see [triggers](triggers.md#the-input). ' +
        'By default the event and its data.',
    }),
  overlap: z
    .enum(OVERLAP_POLICIES)
    .exactOptional()
    .meta({
      description:
        'What becomes of an event while a run of the trigger is under way: it waits, is skipped, starts a run beside it, or ' +
        'replaces it.',
      default: DEFAULT_TRIGGER.overlap,
    }),
  maxParallel: count().max(100).exactOptional().meta({
    description: 'With `parallel`: how many runs are under way at once. Further events wait.',
    default: DEFAULT_TRIGGER.maxParallel,
  }),
  maxQueued: count().max(10_000).exactOptional().meta({
    description:
      'How many events wait at most. Further ones are skipped, or are told again later where whoever tells them can.',
    default: DEFAULT_TRIGGER.maxQueued,
  }),
  maxRunsPerHour: count().max(100_000).exactOptional().meta({
    description: 'How many runs start within an hour. Further events wait.',
    default: DEFAULT_TRIGGER.maxRunsPerHour,
  }),
  debounceMs: z.int().min(0).max(MAX_DEBOUNCE_MS).exactOptional().meta({
    description: 'Events that follow one another within this time start one run together.',
    default: DEFAULT_TRIGGER.debounceMs,
  }),
  schedule: scheduleTriggerSchema.exactOptional().meta({ description: 'At certain times.' }),
  file: fileTriggerSchema.exactOptional().meta({ description: 'When files change.' }),
  webhook: webhookTriggerSchema
    .exactOptional()
    .meta({ description: 'When a signed request comes over HTTP.' }),
  resource: resourceTriggerSchema
    .exactOptional()
    .meta({ description: 'When a server says that a resource was updated.' }),
});

export const triggerSchema: z.ZodType<TriggerConfig, TriggerConfig> = triggerShape.refine(
  (trigger) => TRIGGER_KINDS.filter((kind) => trigger[kind] !== undefined).length === 1,
  { error: `exactly one of ${TRIGGER_KINDS.map((kind) => `'${kind}'`).join(', ')}` },
) as z.ZodType<TriggerConfig, TriggerConfig>;
