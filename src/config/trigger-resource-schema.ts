/** `triggers.….resource`: the update of which MCP resource starts a run. */
import { z } from 'zod';

import { durationMs } from './schema-parts.ts';

export const DEFAULT_POLL_MS = 60_000;
export const DEFAULT_MAX_TEXT_LENGTH = 50_000;

export const resourceTriggerSchema = z.strictObject({
  uri: z.string().min(1).meta({ description: 'The resource, as `switchyard resources` lists it.' }),
  server: z.string().min(1).exactOptional().meta({
    description: 'The server that has it, where no list of its resources has it.',
  }),
  text: z.boolean().exactOptional().meta({
    description: 'Whether the input may name the text of the resource, besides its URI.',
    default: true,
  }),
  maxTextLength: z.int().min(1).max(1_000_000).exactOptional().meta({
    description: 'A longer text is cut there, in characters.',
    default: DEFAULT_MAX_TEXT_LENGTH,
  }),
  pollMs: durationMs().min(100).exactOptional().meta({
    description: 'How often it is read where its server does not tell of updates.',
    default: DEFAULT_POLL_MS,
  }),
  missed: z.enum(['run', 'skip']).exactOptional().meta({
    description:
      'What becomes of an update that was made while nothing ran. What it is like at the very first start is no event.',
    default: 'run',
  }),
});

export type ResourceTriggerConfig = z.output<typeof resourceTriggerSchema>;
