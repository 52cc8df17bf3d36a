/** What several parts of the schema are made of. */
import { z } from 'zod';

/** The most that a timer of Node can wait. */
const MAX_TIMEOUT_MS = 2_147_483_647;

export const count = () => z.int().min(1);
export const durationMs = () => z.int().min(1).max(MAX_TIMEOUT_MS);
export const path = () => z.string().min(1);

/** What several runs may come to together. */
export const spendingAmounts = () =>
  z.strictObject({
    maxUsd: z.number().positive().exactOptional().meta({ description: 'US dollars.' }),
    maxTokens: count().exactOptional().meta({ description: 'Input and output tokens, caches included.' }),
    maxTurns: count().exactOptional().meta({ description: 'Turns.' }),
    maxToolCalls: count().exactOptional().meta({ description: 'Tool calls.' }),
  });
