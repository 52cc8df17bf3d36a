/** From a file to what the host needs. */
import { checkApprovals } from './check-approvals.ts';
import { checkFile, type FileContents } from './check-file.ts';
import type { Config } from './config.ts';
import { type Environment, userConfigFolder } from './environment.ts';
import { findConfig } from './find-config.ts';
import { parseJsonDocument } from './json-document.ts';
import { launchesOf, launchHash } from './launch.ts';
import type { ModelCandidate } from './model-candidate.ts';
import { readServers } from './servers.ts';
import { acceptLaunches, configUntrusted, type TrustQuestion, unacceptedLaunches } from './trust.ts';

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
  const contents = checkFile(found, document, options.env);
  await checkApprovals(found.file, contents.approvals ?? [], document);
  const launches = launchesOf(document.value);
  if (found.origin === 'working-folder') {
    await requireTrust({ file: found.file, launches }, options);
  }
  const { servers, notices } = readServers(contents.mcpServers ?? {}, document, {
    file: found.file,
    folder: found.folder,
    homeFolder: options.homeFolder,
    env: options.env,
    dropMissingSources: found.origin === 'default',
  });
  return {
    file: found.file,
    folder: found.folder,
    origin: found.origin,
    servers,
    models: candidates(contents.models ?? {}),
    budget: { ...DEFAULT_BUDGET, ...contents.budget },
    approvals: contents.approvals ?? [],
    maxNameLength: contents.maxNameLength ?? DEFAULT_MAX_NAME_LENGTH,
    maxResultTokens: contents.maxResultTokens ?? DEFAULT_MAX_RESULT_TOKENS,
    logs: { ...DEFAULT_LOGS, ...contents.logs },
    notices,
    launchHash: launchHash(launches),
  };
}

const DEFAULT_BUDGET = { maxTurns: 25, timeoutMs: 600_000, maxRepeats: 3 } as const;
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

function candidates(models: NonNullable<FileContents['models']>): Record<string, readonly ModelCandidate[]> {
  const lists = Object.entries(models).map(([alias, written]): [string, ModelCandidate[]] => {
    const list = Array.isArray(written) ? written : [written];
    return [
      alias,
      list.map((candidate) => (typeof candidate === 'string' ? { model: candidate } : candidate)),
    ];
  });
  return Object.fromEntries(lists);
}
