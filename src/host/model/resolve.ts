/** Which models there are: those of the config, or what is in reach without one. */
import type { Environment } from '../../config/environment.ts';
import { BUILTIN_ALIASES, isBuiltinAlias } from '../../config/model-alias.ts';
import type { ModelCandidate } from '../../config/model-candidate.ts';
import { isCascade, isRoute, type ModelEntry, partNames } from '../../config/model-entry.ts';
import { HostError } from '../../errors.ts';
import { type BuiltinAliases, builtinAliases } from './builtin-aliases.ts';
import type { CassetteMode } from './cassette/cassette.ts';
import { type CandidateContext, candidateModel, missingKey } from './candidate.ts';
import { candidateProblem } from './candidate-problem.ts';
import { ADVICE, type Chosen, defaultModel } from './default-model.ts';
import { fallback } from './fallback.ts';
import { type LocalContext, usesOneTool } from './local-candidate.ts';
import type { Model } from './model.ts';
import { loadContextWindows } from './price.ts';
import type { ProviderGates } from './provider-gates.ts';
import { findReach } from './reach.ts';
import { openCascade } from './cascade/open-cascade.ts';
import { openRoute, type PartModels, type RoutingTools } from './routing/open-route.ts';

export interface ModelSet {
  /**
   * By alias or by `provider/name`. Undefined only for `default` where no model is in reach. Throws HostError
   * `unknown-model`, `invalid-model` or `unknown-provider`.
   */
  get(name: string): Model | undefined;
  /** `default`, those of the config and, without config, those that something in reach answers to; with whom, in order. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  /** Which model was taken and why, or that there is none. One line. */
  readonly choice: string;
  /** How to set up a model. */
  readonly advice: string;
}

export interface ResolveOptions {
  readonly configured: Readonly<Record<string, ModelEntry>>;
  readonly env: Environment;
  readonly local: LocalContext;
  readonly signal?: AbortSignal;
  /** How long a server on this machine may take to answer. */
  readonly probeTimeoutMs?: number;
  readonly lmStudioBaseUrl?: string;
  readonly routing: RoutingTools;
  /** How the models are played from a cassette, if they are. */
  readonly played?: { readonly play: (model: Model) => Model; readonly mode: CassetteMode };
  /** What all runs share of each provider; without them each request goes as it comes. */
  readonly gates?: ProviderGates;
}

export async function resolveModels(options: ResolveOptions): Promise<ModelSet> {
  const { configured, env, local, routing, played, probeTimeoutMs = 300 } = options;
  const ofConfig = configured['default'];
  const [reach, contextWindowTokens] = await Promise.all([
    findReach({
      ...options,
      homeFolder: local.homeFolder,
      probeTimeoutMs,
      // Nobody waits for what is far away where the config says which model to take.
      farTimeoutMs: ofConfig === undefined ? probeTimeoutMs * 10 : probeTimeoutMs,
    }),
    loadContextWindows(),
  ]);
  const found = ofConfig === undefined ? defaultModel(reach) : chosenByConfig(ofConfig, env);
  const builtin = builtinAliases(reach);
  const entryOf = (name: string): ModelEntry => {
    if (Object.hasOwn(configured, name)) return configured[name] ?? [];
    if (name === 'default') return found.candidates;
    if (name.includes('/')) return [{ model: name }];
    if (isBuiltinAlias(name) && builtin[name].length > 0) return builtin[name];
    throw unknownModel(name, configured, builtin);
  };
  const context: CandidateContext = { env, contextWindowTokens, local, gates: options.gates };
  const models = new Map<string, Model>();
  const get = (name: string): Model | undefined => {
    const known = models.get(name) ?? make(name);
    if (known !== undefined) models.set(name, known);
    return known;
  };
  const problemOf: PartModels['problemOf'] = (part) => {
    // What is replayed needs neither key nor file.
    if (played?.mode === 'replay') return undefined;
    const entry = 'alias' in part ? entryInReach(part.alias, entryOf) : [part];
    if (entry === undefined || 'type' in entry) return undefined;
    const problems = entry.map((candidate) => candidateProblem(candidate, env, local.homeFolder));
    return problems.includes(undefined) ? undefined : problems[0];
  };
  const ofCandidate = (candidate: ModelCandidate): Model => {
    const model = candidateModel(candidate, context);
    return played?.play(model) ?? model;
  };
  const make = (name: string): Model | undefined => {
    const entry = entryOf(name);
    const parts = { ofAlias: get, ofCandidate, problemOf };
    if (isRoute(entry)) return openRoute(name, entry, parts, routing);
    if (isCascade(entry)) return openCascade(name, entry, parts, routing);
    const [first, ...others] = takingTurns(entry, env).map(ofCandidate);
    return first === undefined ? undefined : fallback([first, ...others]);
  };
  return {
    get,
    aliases: namesOf({ default: found.candidates, ...inReach(builtin), ...configured }),
    choice: found.choice,
    advice: ADVICE,
  };
}

function unknownModel(
  name: string,
  configured: ResolveOptions['configured'],
  builtin: BuiltinAliases,
): HostError {
  const known = [...new Set(['default', ...Object.keys(configured), ...Object.keys(inReach(builtin))])];
  const there = `Known: ${known.join(', ')}.`;
  const message = !isBuiltinAlias(name)
    ? `There is no model '${name}'. ${there} Name it under models in mcp.config.json, or write provider/name.`
    : name === 'local'
      ? `No model on this machine is in reach for 'local'. ${there} Start Ollama or LM Studio with a chat model, fetch a small one with "switchyard models pull local", or name one as local under models in mcp.config.json.`
      : `No model is in reach for '${name}'. ${there} ${ADVICE}`;
  return new HostError('unknown-model', message);
}

function inReach(builtin: BuiltinAliases): Readonly<Record<string, readonly ModelCandidate[]>> {
  const filled = BUILTIN_ALIASES.filter((alias) => builtin[alias].length > 0);
  return Object.fromEntries(filled.map((alias) => [alias, builtin[alias]]));
}

function namesOf(aliases: Readonly<Record<string, ModelEntry>>): ModelSet['aliases'] {
  return Object.fromEntries(Object.entries(aliases).map(([alias, entry]) => [alias, partNames(entry)]));
}

function entryInReach(alias: string, entryOf: (alias: string) => ModelEntry): ModelEntry | undefined {
  try {
    return entryOf(alias);
  } catch (thrown) {
    if (thrown instanceof HostError && thrown.code === 'unknown-model') return undefined;
    throw thrown;
  }
}

/**
 * A model that gets one tool a question cannot go on where another has called tools: of a list with both kinds it is left
 * out, unless no other one has its key.
 */
function takingTurns(candidates: readonly ModelCandidate[], env: Environment): readonly ModelCandidate[] {
  const small = candidates.filter(usesOneTool);
  if (small.length === 0 || small.length === candidates.length) return candidates;
  const others = candidates.filter((candidate) => !small.includes(candidate));
  return others.some((candidate) => missingKey(candidate, env) === undefined) ? others : small;
}

function chosenByConfig(entry: ModelEntry, env: Environment): Chosen<ModelEntry> {
  const choice = (names: string): string => `Model: ${names} (models.default of the config).`;
  if ('type' in entry) {
    const names = partNames(entry);
    const told = isRoute(entry)
      ? `one of ${names.join(', ')}, by the request`
      : names.join(', then where that is not enough ');
    return { candidates: entry, choice: choice(told) };
  }
  const taken = takingTurns(entry, env);
  const names = entry.map((candidate) => {
    const missing = missingKey(candidate, env);
    if (missing !== undefined) return `${candidate.model} (no key: set ${missing})`;
    const isLeftOut = !taken.includes(candidate);
    return isLeftOut
      ? `${candidate.model} (left out: it stands in where no other has a key)`
      : candidate.model;
  });
  return { candidates: entry, choice: choice(names.join(', then ')) };
}
