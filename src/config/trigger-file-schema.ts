/** `triggers.….file`: which changes of files start a run. */
import { z } from 'zod';

import { path } from './schema-parts.ts';

export const fileTriggerSchema = z.strictObject({
  paths: z.array(path()).min(1).meta({
    description: 'Files, folders and globs, relative to the folder of this file.',
  }),
  on: z
    .array(z.enum(['added', 'changed', 'removed']))
    .min(1)
    .exactOptional()
    .meta({ description: 'What has to happen to a file.', default: ['added', 'changed'] }),
});

export type FileTriggerConfig = z.output<typeof fileTriggerSchema>;
