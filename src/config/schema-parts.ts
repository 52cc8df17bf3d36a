/** What several parts of the schema are made of. */
import { z } from 'zod';

/** The most that a timer of Node can wait. */
const MAX_TIMEOUT_MS = 2_147_483_647;

export const count = () => z.int().min(1);
export const durationMs = () => z.int().min(1).max(MAX_TIMEOUT_MS);
export const path = () => z.string().min(1);
