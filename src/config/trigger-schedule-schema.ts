/** `triggers.….schedule`: when a clock starts a run, and what becomes of times at which nothing ran. */
import { z } from 'zod';

import { count } from './schema-parts.ts';

/** 400 days: more than the longest schedule that is of use. */
const MAX_WITHIN_MS = 34_560_000_000;

export const scheduleTriggerSchema = z.strictObject({
  cron: z.string().min(1).meta({
    description:
      'Minute, hour, day of the month, month, day of the week, as in `0 9 * * MON-FRI`; with a sixth field before them, seconds.',
  }),
  timeZone: z.string().min(1).exactOptional().meta({
    description: 'Where the clock stands, as in `Europe/Berlin`. By default where this machine stands.',
  }),
  missed: z.enum(['skip', 'last', 'all']).exactOptional().meta({
    description:
      'What becomes of times that passed while nothing ran: nothing, one run for the last of them, or one for each.',
    default: 'last',
  }),
  withinMs: z.int().min(1).max(MAX_WITHIN_MS).exactOptional().meta({
    description: 'What was missed longer ago is skipped.',
    default: 86_400_000,
  }),
  maxMissed: count().max(100).exactOptional().meta({
    description: 'With `all`: how many of the missed times start a run, the latest of them.',
    default: 10,
  }),
});

export type ScheduleTriggerConfig = z.output<typeof scheduleTriggerSchema>;
