/** The part of the schema that describes `approvals`. */
import { z } from 'zod';

import { APPROVAL_ANNOTATIONS } from './approval-rule.ts';

export const approvalsSchema = z.array(
  z.strictObject({
    server: z.string().min(1).exactOptional().meta({ description: 'A glob over names of servers.' }),
    tool: z.string().min(1).exactOptional().meta({
      description:
        "A glob over names of tools, as they are shown and as `server__tool`; beside `server` also over the server's own names for them.",
    }),
    annotation: z
      .enum(APPROVAL_ANNOTATIONS)
      .exactOptional()
      .meta({ description: 'What annotations say that are believed (`trust`).' }),
    arguments: z.record(z.string().min(1), z.string()).exactOptional().meta({
      description:
        'RE2 patterns by name of an argument, or by JSON pointer; all must be found. One that is not there fits none.',
    }),
    decision: z.enum(['allow', 'ask', 'deny']).meta({ description: 'What becomes of such a call.' }),
    reason: z
      .string()
      .min(1)
      .exactOptional()
      .meta({ description: 'Told to the person who is asked and to the model that is denied.' }),
  }),
);
