import type { Environment } from '../../config/environment.ts';
import type { ModelCandidate } from '../../config/model-candidate.ts';
import { findLocalModel } from '../../local-model/catalog.ts';
import { isPulled } from '../../local-model/folder.ts';
import { missingKey } from './candidate.ts';

/** Why a candidate of the config cannot answer here, as far as that shows without asking it. */
export function candidateProblem(
  candidate: ModelCandidate,
  env: Environment,
  homeFolder: string,
): string | undefined {
  const entry = candidate.file === undefined ? findLocalModel(candidate.model) : undefined;
  if (entry !== undefined && !isPulled(homeFolder, entry)) return `not pulled: models pull ${entry.name}`;
  const missing = missingKey(candidate, env);
  return missing === undefined ? undefined : `no key: set ${missing}`;
}
