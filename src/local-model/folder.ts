/** Where local models and their runtime lie below the home folder. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { LOCAL_MODELS, type LocalModelEntry } from './catalog.ts';

export const RUNTIME_VERSION = '3.22.1';

export function modelsFolder(homeFolder: string): string {
  return join(homeFolder, 'models');
}

export function modelFile(homeFolder: string, model: LocalModelEntry): string {
  return join(modelsFolder(homeFolder), model.file);
}

/** What has come of a model so far: the beginning of its file. */
export function partialFile(homeFolder: string, model: LocalModelEntry): string {
  return `${modelFile(homeFolder, model)}.partial`;
}

/** By its size; its hash was checked when it was put there. */
export function isPulled(homeFolder: string, model: LocalModelEntry): boolean {
  return sizeOf(modelFile(homeFolder, model)) === model.sizeBytes;
}

export function partialBytes(homeFolder: string, model: LocalModelEntry): number {
  return sizeOf(partialFile(homeFolder, model));
}

/** The best model that is pulled and may be taken unasked. */
export function pulledDefault(homeFolder: string): LocalModelEntry | undefined {
  return LOCAL_MODELS.find((model) => model.isDefault && isPulled(homeFolder, model));
}

export function runtimesFolder(homeFolder: string): string {
  return join(homeFolder, 'runtime');
}

export function runtimeFolder(homeFolder: string): string {
  return join(runtimesFolder(homeFolder), `node-llama-cpp-${RUNTIME_VERSION}`);
}

/** The module to import. */
export function runtimeModule(homeFolder: string): string {
  return join(runtimeFolder(homeFolder), 'node_modules', 'node-llama-cpp', 'dist', 'index.js');
}

export function isRuntimeInstalled(homeFolder: string): boolean {
  return existsSync(runtimeModule(homeFolder));
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
