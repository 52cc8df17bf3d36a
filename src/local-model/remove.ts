import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import { LOCAL_MODELS, type LocalModelEntry } from './catalog.ts';
import { modelFile, modelsFolder, partialFile } from './folder.ts';
import { locked, type PullProgress } from './pull.ts';
import { removeRuntime } from './runtime.ts';
import { clearStaging } from './wheel-source.ts';

export interface RemoveOptions {
  readonly homeFolder: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PullProgress) => void;
}

/**
 * Removes a model, finished or not, and the runtime with the last one. False where there was nothing of it. A program that
 * has the model loaded keeps it until it ends.
 */
export async function removeModel(model: LocalModelEntry, options: RemoveOptions): Promise<boolean> {
  const { homeFolder } = options;
  const isThere = (one: LocalModelEntry): boolean =>
    existsSync(modelFile(homeFolder, one)) || existsSync(partialFile(homeFolder, one));
  if (!isThere(model)) return false;
  return locked(homeFolder, options.signal, options.onProgress, async () => {
    await rm(modelFile(homeFolder, model), { force: true });
    await rm(partialFile(homeFolder, model), { force: true });
    await clearStaging(modelsFolder(homeFolder));
    if (!LOCAL_MODELS.some(isThere)) await removeRuntime(homeFolder);
    return true;
  });
}
