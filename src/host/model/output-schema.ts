import type { ModelRequest } from './model.ts';

/** For models that cannot be held to a grammar. Throws what becomes the failure `invalid-request`. */
export function refuseOutputSchema({ outputSchema }: ModelRequest): void {
  if (outputSchema !== undefined)
    throw new Error('only models in this process (local/…) are held to an output schema');
}
