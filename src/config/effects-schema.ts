/** The part of the schema that describes what becomes of calls without an answer. */
import { z } from 'zod';

import { IDEMPOTENCY_KEY } from './idempotency-key.ts';
import { UNCERTAIN_POLICIES } from './server-definition.ts';

export const uncertainSchema = z
  .union([uncertainPolicy(), z.record(glob(), uncertainPolicy())], {
    error: "'ask', 'report' or 'retry', or an object that says it by globs over names of tools",
  })
  .meta({
    description:
      'What becomes of a call that was sent, got no answer, and is not safe to repeat: `ask` a person, `report` it to the ' +
      'model, or `retry`, which may do it twice. For all its tools, or by globs, of which the first that fits decides. By ' +
      'default a person at hand is asked, else it is reported.',
  });

export const idempotencyKeysSchema = z
  .union([z.array(glob()), z.record(glob(), metaKey())], {
    error: 'a list of globs over names of tools, or an object that gives each glob a key of `_meta`',
  })
  .meta({
    description:
      'Globs over its tools that do a call with an idempotency key once, as far as their definitions do not say so. An ' +
      `object gives each glob the key of \`_meta\` to use in place of \`${IDEMPOTENCY_KEY}\`.`,
  });

function glob() {
  return z.string().min(1);
}

function uncertainPolicy() {
  return z.enum(UNCERTAIN_POLICIES);
}

/** What the protocol keeps for itself is no place for a key of ours (spec: basic, "_meta"). */
function metaKey() {
  return z
    .string()
    .regex(/^(?!progressToken$)(?!([\w-]+\.)?(modelcontextprotocol|mcp)(\.[\w.-]+)?\/)[\w./-]+$/, {
      error: 'a key of `_meta` that is none of the protocol’s own',
    });
}
