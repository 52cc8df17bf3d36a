import { createHash } from 'node:crypto';

import { canonicalJson } from '../../canonical-json.ts';
import type { JsonObject } from '../../json.ts';

/** SHA-256 of the arguments as JSON whose keys are in order, so that equal arguments have one hash however they were written. */
export function argumentsHash(args: JsonObject): string {
  return createHash('sha256').update(canonicalJson(args)).digest('hex');
}
