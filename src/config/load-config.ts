/** From a file to what the host needs. */
import { isJsonObject, type JsonObject } from '../json.ts';
import { approvalPatterns } from './approval-patterns.ts';
import { checkFile, type FileContents } from './check-file.ts';
import { checkPatterns } from './check-patterns.ts';
import { checkModelLimits } from './check-model-limits.ts';
import { checkModels, modelPatterns } from './check-models.ts';
import { checkSchemas } from './check-schemas.ts';
import { checkScripts, scriptNotices } from './check-scripts.ts';
import { checkServedWorkflows } from './check-served-workflows.ts';
import { checkTriggers } from './check-triggers.ts';
import { checkTriggerSources } from './check-trigger-sources.ts';
import { checkWorkflows, workflowPatterns, workflowSchemas } from './check-workflows.ts';
import type { Config, ConfigSource } from './config.ts';
import { type Environment, userConfigFolder } from './environment.ts';
import { findConfig, findConfigAgain, type FoundConfig } from './find-config.ts';
import { contentPatterns } from './guard-patterns.ts';
import { guardSettings } from './guard-settings.ts';
import { type JsonDocument, parseJsonDocument } from './json-document.ts';
import { launchesOf, launchHash } from './launch.ts';
import { DEFAULT_MEMORY } from './memory-settings.ts';
import { readModels } from './read-models.ts';
import { DEFAULT_RUNS } from './runs-settings.ts';
import { readScripts, type Scripts } from './script-files.ts';
import { DEFAULT_SERVE } from './serve-settings.ts';
import { readServers } from './servers.ts';
import { acceptLaunches, configUntrusted, type TrustQuestion, unacceptedLaunches } from './trust.ts';
import { DEFAULT_WEBHOOKS } from './webhooks-settings.ts';

export interface LoadConfigOptions {
  /** What `--config` says, relative to the working folder. */
  readonly configFile?: string;
  readonly workingFolder: string;
  readonly homeFolder: string;
  readonly env: Environment;
  /** Where the person's own config is looked for; the platform's config folder by default. */
  readonly userFolder?: string;
  /** Asks a person at the terminal to accept a config that was found in the working folder. */
  readonly confirm?: (question: TrustQuestion) => Promise<boolean>;
}

/**
 * Finds, checks and reads the config. Rejects with HostError `config-invalid`, whose data lists every problem outside of
 * server entries with its place, or `config-untrusted` for one that was found in the working folder and not accepted.
 * A fault inside a server's entry makes that server an InvalidDefinition.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<Config> {
  const found = findConfig({ ...options, userFolder: options.userFolder ?? userConfigFolder() });
  const document = parseJsonDocument(found.text);
  const contents = await checkWhole(found, document, options.env);
  const scripts = readScripts(document.value, found.folder);
  const launches = launchesOf(document.value, scripts);
  if (found.origin === 'working-folder') {
    await requireTrust({ file: found.file, launches }, options);
  }
  return configOf(found, document, contents, { ...options, scripts });
}

export interface ReloadedConfig {
  /** All of the file, whether a person accepted it or not. */
  readonly config: Config;
  /** What the config is with this value in place of the file's own, and these scripts in place of those on the disk. */
  instead(written: JsonObject, scripts: Scripts): Promise<Config>;
}

/** Reads the file of a config again. Rejects with HostError `config-invalid`, also where the file is gone. */
export async function reloadConfig(
  { origin, folder }: Pick<Config, 'origin' | 'folder'>,
  { path }: Pick<ConfigSource, 'path'>,
  options: Pick<LoadConfigOptions, 'homeFolder' | 'env'>,
): Promise<ReloadedConfig> {
  const found = findConfigAgain({ path, origin, folder });
  const document = parseJsonDocument(found.text);
  const read = async (whole: JsonDocument, scripts: Scripts): Promise<Config> =>
    configOf(found, whole, await checkWhole(found, whole, options.env), { ...options, scripts });
  return {
    config: await read(document, readScripts(document.value, found.folder)),
    // What stands in place of something is told, where need be, with the place that it has in the file.
    instead: (value, scripts) => read({ ...document, value }, scripts),
  };
}

async function checkWhole(
  found: FoundConfig,
  document: JsonDocument,
  env: Environment,
): Promise<FileContents> {
  const contents = checkFile(found, document, env);
  const patterns = [
    ...approvalPatterns(contents.approvals ?? []),
    ...contentPatterns(contents.guards?.content ?? []),
    ...workflowPatterns(contents.workflows ?? {}),
    ...modelPatterns(contents.models ?? {}),
  ];
  await checkPatterns(found.file, patterns, document);
  checkModels(found.file, contents.models ?? {}, document);
  checkModelLimits(found.file, contents, document);
  checkWorkflows(found.file, contents.workflows ?? {}, document);
  checkScripts(found.file, document);
  await checkSchemas(found.file, workflowSchemas(contents.workflows ?? {}), document);
  checkServedWorkflows(found.file, contents, document);
  await checkTriggers(found.file, contents.triggers ?? {}, Object.keys(contents.workflows ?? {}), document);
  checkTriggerSources(found.file, contents, document);
  return contents;
}

function configOf(
  found: FoundConfig,
  document: JsonDocument,
  contents: FileContents,
  { homeFolder, env, scripts }: Pick<LoadConfigOptions, 'homeFolder' | 'env'> & { readonly scripts: Scripts },
): Config {
  const { file, path, folder, origin } = found;
  const { servers, notices } = readServers(contents.mcpServers ?? {}, document, {
    file,
    folder,
    homeFolder,
    env,
    dropMissingSources: origin === 'default',
  });
  const launches = launchesOf(document.value, scripts);
  return {
    file,
    folder,
    origin,
    servers,
    models: readModels(contents.models ?? {}, found.folder),
    modelLimits: contents.modelLimits ?? {},
    ...budgetsOf(contents.budget),
    approvals: contents.approvals ?? [],
    guards: guardSettings(contents.guards),
    naming: contents.naming ?? 'prefixed',
    maxNameLength: contents.maxNameLength ?? DEFAULT_MAX_NAME_LENGTH,
    maxResultTokens: contents.maxResultTokens ?? DEFAULT_MAX_RESULT_TOKENS,
    memory: {
      ...DEFAULT_MEMORY,
      ...contents.memory,
      budget: { ...DEFAULT_MEMORY.budget, ...contents.memory?.budget },
    },
    workflows: contents.workflows ?? {},
    triggers: contents.triggers ?? {},
    webhooks: { ...DEFAULT_WEBHOOKS, ...contents.webhooks },
    scripts,
    serve: {
      ...DEFAULT_SERVE,
      ...contents.serve,
      http: { ...DEFAULT_SERVE.http, ...contents.serve?.http },
    },
    runs: { ...DEFAULT_RUNS, ...contents.runs },
    logs: { ...DEFAULT_LOGS, ...contents.logs },
    notices: [...notices, ...scriptNotices(file, document, scripts)],
    launchHash: launchHash(launches),
    source: { path, written: isJsonObject(document.value) ? document.value : {}, launches },
  };
}

function budgetsOf({
  perDay,
  perSession,
  perClient,
  timeZone,
  ...ofRun
}: NonNullable<FileContents['budget']> = {}): Pick<Config, 'budget' | 'spendingLimits'> {
  const spendingLimits = {
    ...(perDay === undefined ? {} : { perDay }),
    ...(perSession === undefined ? {} : { perSession }),
    ...(perClient === undefined ? {} : { perClient }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
  return { budget: { ...DEFAULT_BUDGET, ...ofRun }, spendingLimits };
}

const DEFAULT_BUDGET = { maxTurns: 25, timeoutMs: 600_000, maxRepeats: 3, maxDepth: 20 } as const;
const DEFAULT_LOGS = { level: 'info', keepDays: 14, maxBytes: 200_000_000 } as const;
const DEFAULT_MAX_NAME_LENGTH = 47;
const DEFAULT_MAX_RESULT_TOKENS = 8_000;

async function requireTrust(question: TrustQuestion, options: LoadConfigOptions): Promise<void> {
  const launches = unacceptedLaunches(question.file, question.launches, options.homeFolder);
  if (launches.length === 0) return;
  const asked = { file: question.file, launches };
  if ((await options.confirm?.(asked)) !== true) throw configUntrusted(asked);
  await acceptLaunches(question, options.homeFolder);
}
