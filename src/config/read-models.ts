/** `models` of the file, as the program takes them. */
import type { FileContents } from './check-file.ts';
import type { ModelCandidate } from './model-candidate.ts';
import type { CascadeAccept, ModelEntry, ModelPart, RoutePart } from './model-entry.ts';
import type { RouteWeights } from '../host/model/routing/rate.ts';
import { resolvePath } from './resolve-path.ts';

type WrittenModels = NonNullable<FileContents['models']>;
type WrittenEntry = WrittenModels[string];
type WrittenRoute = NonNullable<Extract<WrittenEntry, { route?: unknown }>['route']>;
type WrittenAccept = NonNullable<Extract<WrittenEntry, { accept?: unknown }>['accept']>;
type WrittenCandidate = string | ModelCandidate;

/** Of models that were checked (check-models.ts); files are resolved against the folder. */
export function readModels(models: WrittenModels, folder: string): Record<string, ModelEntry> {
  return Object.fromEntries(
    Object.entries(models).map(([alias, entry]) => [alias, readEntry(entry, folder)]),
  );
}

function readEntry(entry: WrittenEntry, folder: string): ModelEntry {
  if (typeof entry === 'string') return [{ model: entry }];
  if (Array.isArray(entry)) return entry.map((candidate) => readCandidate(candidate, folder));
  const { route, cascade, accept, model = '', ...fields } = entry;
  if (route !== undefined) return readRoute(route, folder);
  if (cascade === undefined) return [readCandidate({ model, ...fields }, folder)];
  return {
    type: 'cascade',
    models: cascade.map((part) => readPart(part, folder)),
    ...(accept === undefined ? {} : { accept: readAccept(accept, folder) }),
  };
}

function readRoute({ candidates, by, outputTokens }: WrittenRoute, folder: string): ModelEntry {
  return {
    type: 'route',
    candidates: candidates.map((candidate) => readRoutePart(candidate, folder)),
    ...(by === undefined ? {} : { by: readWeights(by) }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
  };
}

function readAccept({ judge, ...accept }: WrittenAccept, folder: string): CascadeAccept {
  if (judge === undefined) return accept;
  return { ...accept, judge: { ...judge, model: readPart(judge.model, folder) } };
}

function readRoutePart(candidate: WrittenRoute['candidates'][number], folder: string): RoutePart {
  if (typeof candidate === 'string') return { model: readPart(candidate, folder) };
  const { upTo, goodAt, ...model } = candidate;
  return {
    model: readPart(model, folder),
    ...(upTo === undefined ? {} : { upTo }),
    ...(goodAt === undefined ? {} : { goodAt }),
  };
}

function readWeights(by: NonNullable<WrittenRoute['by']>): RouteWeights {
  return Array.isArray(by) ? Object.fromEntries(by.map((name) => [name, 1])) : by;
}

/** A name without a slash is an alias. */
function readPart(written: WrittenCandidate, folder: string): ModelPart {
  const candidate = readCandidate(written, folder);
  return candidate.model.includes('/') ? candidate : { alias: candidate.model };
}

function readCandidate(written: WrittenCandidate, folder: string): ModelCandidate {
  if (typeof written === 'string') return { model: written };
  const { file } = written;
  return file === undefined ? written : { ...written, file: resolvePath(folder, file) };
}
