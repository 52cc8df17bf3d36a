/** `triggers.….file`: which changes of which files start a run. */
import { z } from 'zod';

import { durationMs } from './schema-parts.ts';

const glob = () =>
  z.string().min(1).regex(/^[^!]/, { error: 'a path or a glob; what is left out stands in "ignore"' });

/** Folders of programs, and what programs leave beside a file while they write it. */
export const DEFAULT_IGNORE = ['.git', 'node_modules', '*~', '*.tmp', '*.swp', '*.part', '*.crdownload'];
export const DEFAULT_SETTLE_MS = 1_000;

export const fileTriggerSchema = z.strictObject({
  paths: z.array(glob()).min(1).max(100).meta({
    description:
      'Files, folders and globs, relative to the folder of this file. A folder stands for all that is in it.',
  }),
  on: z
    .array(z.enum(['added', 'changed', 'removed']))
    .min(1)
    .exactOptional()
    .meta({
      description: 'What has to happen to a file. One that is renamed is removed and added.',
      default: ['added', 'changed'],
    }),
  ignore: z.array(glob()).max(100).exactOptional().meta({
    description:
      'Files and folders that are left out: names at any depth, and with a slash globs from where a path begins to have wildcards.',
    default: DEFAULT_IGNORE,
  }),
  dotfiles: z.boolean().exactOptional().meta({
    description: 'Whether a wildcard stands for names that begin with a dot, too.',
    default: false,
  }),
  settleMs: durationMs().min(10).max(600_000).exactOptional().meta({
    description: 'How long a file has to stay as it is until it counts as written.',
    default: DEFAULT_SETTLE_MS,
  }),
  missed: z.enum(['run', 'skip']).exactOptional().meta({
    description:
      'What becomes of changes that were made while nothing ran. Files that are there at the very first start are no events.',
    default: 'run',
  }),
});

export type FileTriggerConfig = z.output<typeof fileTriggerSchema>;
