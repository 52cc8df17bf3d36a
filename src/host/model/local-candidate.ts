/** Makes a model of a candidate `local/…`: one of those that can be pulled, or any GGUF file. */
import type { ModelCandidate } from '../../config/model-candidate.ts';
import { HostError } from '../../errors.ts';
import { findLocalModel, LOCAL_MODELS, type LocalModelEntry } from '../../local-model/catalog.ts';
import { modelFile } from '../../local-model/folder.ts';
import { localModel } from './local.ts';
import type { LocalEngines } from './local-engine.ts';
import type { Model } from './model.ts';
import { LOCAL_PROVIDER, parseModelId } from './providers.ts';

export interface LocalContext {
  readonly homeFolder: string;
  readonly engines: LocalEngines;
}

/** Taken for a file of which nothing is known: what nearly every model was trained for. */
const CONTEXT_TOKENS = 8_192;

/** Throws HostError `unknown-model` for a name that is none of ours and comes without a file. */
export function localCandidate(candidate: ModelCandidate, { homeFolder, engines }: LocalContext): Model {
  const { model: id, file, maxOutputTokens, maxTools } = candidate;
  const entry = file === undefined ? findLocalModel(id) : undefined;
  if (file === undefined && entry === undefined) throw unknownLocalModel(id);
  return localModel({
    id,
    file: file ?? (entry === undefined ? '' : modelFile(homeFolder, entry)),
    contextTokens: candidate.contextWindowTokens ?? entry?.contextTokens ?? CONTEXT_TOKENS,
    tools: candidate.tools ?? entry?.tools ?? 'native',
    engines,
    ...(entry === undefined ? {} : { pullCommand: pullCommand(entry) }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(maxTools === undefined ? {} : { maxTools }),
  });
}

/** Whether a candidate is a model in this process that gets one tool a question. */
export function usesOneTool({ model, file, tools }: ModelCandidate): boolean {
  if (parseModelId(model).provider !== LOCAL_PROVIDER) return false;
  const own = file === undefined ? findLocalModel(model)?.tools : undefined;
  return (tools ?? own) === 'grammar';
}

function pullCommand({ name }: LocalModelEntry): string {
  return `switchyard models pull ${name}`;
}

function unknownLocalModel(id: string): HostError {
  const known = LOCAL_MODELS.map((model) => model.id).join(', ');
  return new HostError(
    'unknown-model',
    `There is no model '${id}'. Known: ${known}. Any other GGUF file is named under models: { "model": "${id}", "file": "…" }.`,
  );
}
