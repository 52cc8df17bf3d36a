/** What the schema cannot say of `modelLimits`: a limit that holds for nobody would never be kept. */
import { type Json, isJsonObject } from '../json.ts';
import type { FileContents } from './check-file.ts';
import type { JsonDocument } from './json-document.ts';
import { configInvalid, didYouMean, nearestName, placed, type UnplacedProblem } from './problem.ts';
import { PROVIDER_NAMES } from './provider-names.ts';

/** Throws HostError `config-invalid`. */
export function checkModelLimits(
  file: string,
  { modelLimits = {}, models = {} }: Pick<FileContents, 'modelLimits' | 'models'>,
  document: JsonDocument,
): void {
  const providers = [...new Set([...PROVIDER_NAMES, ...providersOf(models as Json)])];
  const problems = Object.keys(modelLimits).flatMap((name): UnplacedProblem[] => {
    const [provider = ''] = name.split('/');
    const path = ['modelLimits', name];
    if (provider === 'local')
      return [{ path, atKey: true, message: 'models in this process have no provider to be asked less' }];
    if (providers.includes(provider)) return [];
    const nearest = didYouMean(nearestName(provider, providers));
    const message = `unknown provider '${provider}'. Known: ${providers.join(', ')}.${nearest}`;
    return [{ path, atKey: true, message, found: name }];
  });
  if (problems.length > 0)
    throw configInvalid(
      file,
      problems.map((problem) => placed(problem, document)),
    );
}

/** Of `provider/name` wherever a model is named, which in an object stands under `model`. */
function providersOf(value: Json | undefined): string[] {
  if (typeof value === 'string') return /^[^/\s]+(?=\/\S)/.exec(value) ?? [];
  if (Array.isArray(value)) return value.flatMap((item: Json) => providersOf(item));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => (NO_MODELS.has(key) ? [] : providersOf(item)));
}

const NO_MODELS = new Set(['file', 'baseUrl', 'apiKey', 'headers', 'extraBody', 'accepts', 'accept']);
