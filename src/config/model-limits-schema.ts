/** The part of the schema that says how much providers may be asked. */
import { z } from 'zod';

import { count } from './schema-parts.ts';

const requestLimitsSchema = z.strictObject({
  maxConcurrent: count()
    .exactOptional()
    .meta({ description: 'Answers that are under way at the same time.' }),
  requestsPerMinute: count().exactOptional().meta({ description: 'Requests within any 60 seconds.' }),
  tokensPerMinute: count()
    .exactOptional()
    .meta({ description: 'Tokens of requests and answers within any 60 seconds, caches included.' }),
});

export const modelLimitsSchema = z.record(
  z.string().regex(/^[^/\s]+(?:\/\S+)?$/, { error: "a provider, or a model as 'provider/name'" }),
  requestLimitsSchema,
);
