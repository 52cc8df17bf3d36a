/** What a config file comes to. */
import type { BudgetLimits } from '../host/context.ts';
import type { JsonObject } from '../json.ts';
import type { ApprovalRule } from './approval-rule.ts';
import type { GuardSettings } from './guard-settings.ts';
import type { Launch } from './launch.ts';
import type { MemorySettings } from './memory-settings.ts';
import type { ModelEntry } from './model-entry.ts';
import type { RequestLimits } from './model-limits.ts';
import type { RunsSettings } from './runs-settings.ts';
import type { Scripts } from './script-files.ts';
import type { SpendingLimits } from './spending-limits.ts';
import type { ServeSettings } from './serve-settings.ts';
import type { TriggerConfig } from './trigger-config.ts';
import type { WebhooksSettings } from './webhooks-settings.ts';
import type { WorkflowConfig } from './workflow-config.ts';
import type { ServerDefinition } from './server-definition.ts';

export type ConfigOrigin = 'flag' | 'working-folder' | 'user' | 'default';

export interface Config {
  /** Absolute, symbolic links resolved. */
  readonly file: string;
  /** What relative paths count from: the file's folder, for the shipped default the working folder. */
  readonly folder: string;
  readonly origin: ConfigOrigin;
  /** In the file's order, invalid ones included. */
  readonly servers: readonly ServerDefinition[];
  /** By alias. */
  readonly models: Readonly<Record<string, ModelEntry>>;
  /** By provider, or by `provider/name`. */
  readonly modelLimits?: Readonly<Record<string, RequestLimits>>;
  /** Of each run. */
  readonly budget: BudgetLimits;
  /** Of several runs together; absent where there are none. */
  readonly spendingLimits?: SpendingLimits;
  /** The first one that fits decides. */
  readonly approvals: readonly ApprovalRule[];
  readonly guards: GuardSettings;
  readonly naming: Naming;
  readonly maxNameLength: number;
  /** Of one tool result, for a model. */
  readonly maxResultTokens: number;
  readonly memory: MemorySettings;
  /** By name. */
  readonly workflows: Readonly<Record<string, WorkflowConfig>>;
  /** By name. */
  readonly triggers: Readonly<Record<string, TriggerConfig>>;
  readonly webhooks: WebhooksSettings;
  /** The files of `script` steps, by the paths that the config has for them. */
  readonly scripts?: Scripts;
  readonly serve: ServeSettings;
  readonly runs: RunsSettings;
  readonly logs: LogSettings;
  readonly notices: readonly ConfigNotice[];
  /** Equal for two configs exactly when they start and reach the same things (trust.ts). */
  readonly launchHash: string;
  /** Absent where the config was made by a program and no file. */
  readonly source?: ConfigSource;
}

/** What a config was read from, so that it can be read again and told apart (host/live-config.ts). */
export interface ConfigSource {
  /** Absolute, symbolic links as they were looked for. */
  readonly path: string;
  /** The file's value before variables were replaced. */
  readonly written: JsonObject;
  readonly launches: readonly Launch[];
}

/** `bare`: names of tools and prompts begin with their server only where two servers have the same one. */
export type Naming = 'prefixed' | 'bare';

export interface LogSettings {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly keepDays: number;
  readonly maxBytes: number;
}

/** Something that a person should know and that stops nothing. */
export interface ConfigNotice {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly file: string;
  readonly line: number;
}
