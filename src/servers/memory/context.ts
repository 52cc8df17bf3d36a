import * as z from 'zod';

import type { ServerLog } from '../log.ts';
import type { OtherProjects } from './other-projects.ts';
import type { Scope, ScopeStore } from './scope-store.ts';

/** What every tool of this server works with. */
export interface MemoryContext {
  readonly stores: Readonly<Record<Scope, ScopeStore>>;
  /** What a session left in them is forgotten with the rest of it. */
  readonly others: OtherProjects;
  readonly log: ServerLog;
}

/** Long enough for every id that hosts make, and safe in an address. */
export const sessionIdSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'takes 1 to 200 printable ASCII characters without white space')
  .describe('The session, as the host names it.');

const MOST_CHARACTERS = 1_000_000;

export const textSchema = z
  .string()
  .max(MOST_CHARACTERS)
  .refine((text) => text.trim() !== '', 'must not be empty');

export const limitSchema = z.number().int().min(1).max(100);
